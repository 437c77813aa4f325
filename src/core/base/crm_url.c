/*
 * What a URL says, as far as the core must know it.
 */

#include "base/crm_url.h"


static int url_has_dots(crm_str_t url);
static size_t url_until(crm_str_t url, size_t from, const char *stops);
static int step_is_dots(crm_str_t step);


int
crm_url_climbs(crm_str_t url)
{
    size_t  at, end;

    if (!url_has_dots(url)) {
        return 0;
    }

    /* behind the scheme and the host */

    at = url_until(url, 0, ":");

    if (url.len - at >= 3 && memcmp(url.data + at, "://", 3) == 0) {
        at = url_until(url, at + 3, "/\\?#");
    }

    while (at < url.len && (url.data[at] == '/' || url.data[at] == '\\')) {
        at++;
        end = url_until(url, at, "/\\?#");

        if (step_is_dots(crm_str(url.data + at, end - at))) {
            return 1;
        }

        at = end;
    }

    return 0;
}


/* Whether a step may begin with a dot, or with %2e: few do. */
static int
url_has_dots(crm_str_t url)
{
    size_t  i;

    for (i = 1; i < url.len; i++) {
        if ((url.data[i] == '.' || url.data[i] == '%')
            && (url.data[i - 1] == '/' || url.data[i - 1] == '\\'))
        {
            return 1;
        }
    }

    return 0;
}


/* The first byte from there on that is one of stops, or the end. */
static size_t
url_until(crm_str_t url, size_t from, const char *stops)
{
    const char  *s;

    for ( /* void */ ; from < url.len; from++) {
        for (s = stops; *s; s++) {
            if (url.data[from] == *s) {
                return from;
            }
        }
    }

    return from;
}


static int
step_is_dots(crm_str_t step)
{
    size_t  i, dots;

    for (i = 0, dots = 0; i < step.len; dots++) {
        if (step.data[i] == '.') {
            i++;

        } else if (step.len - i >= 3
                   && crm_str_caseeq(crm_str(step.data + i, 3),
                                     CRM_STR("%2e")))
        {
            i += 3;

        } else {
            return 0;
        }
    }

    return dots == 1 || dots == 2;
}
