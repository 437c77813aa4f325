/*
 * Elements of the webhooks' entrance: who they are and where they go.
 */

#define _GNU_SOURCE             /* memmem */

#include "state/crm_element.h"

#include <string.h>


#define ELEMENT_MAX_ID  128


/* What is left of the text. */
typedef struct {
    const char  *at;
    const char  *end;
} element_scan_t;


static int   element_head(crm_element_t *element, element_scan_t *scan,
    crm_str_t org);
static int   element_is(element_scan_t *scan, crm_str_t word);
static int   element_text(element_scan_t *scan, crm_str_t *text);
static int   element_word(crm_str_t word, const char *others);
static int   element_holds(crm_str_t text, crm_str_t what);
static void  element_hash(crm_element_t *element);
static crm_str_t  element_scheme(crm_str_t url);
static crm_str_t  element_host(crm_str_t url, crm_str_t scheme);
static int   element_ends(crm_str_t host, crm_str_t port);
static crm_str_t  element_lower(char *to, size_t size, crm_str_t text);


int
crm_element_read(crm_element_t *element, crm_str_t text, crm_str_t org,
    const crm_element_t *last)
{
    element_scan_t  scan;

    if (text.len > CRM_ELEMENT_MAX_BYTES) {
        return 0;
    }

    scan.at = text.data;
    scan.end = text.data + text.len;

    if (!element_head(element, &scan, org)
        || memchr(text.data, '\\', (size_t) (scan.at - text.data)) != NULL
        || element_holds(crm_str(scan.at, (size_t) (scan.end - scan.at)),
                         CRM_STR("\"ordered\":true")))
    {
        return 0;
    }

    if (last != NULL && crm_str_eq(last->name, element->name)
        && crm_str_eq(last->url, element->url))
    {
        memcpy(element->endpoint, last->endpoint, sizeof(last->endpoint));
        memcpy(element->webhook, last->webhook, sizeof(last->webhook));
    } else {
        element_hash(element);
    }

    return 1;
}


/* Up to the URL. A text ends with the next quote: where one is escaped, a
 * backslash stands in front of it, and the element is none of these. */
static int
element_head(crm_element_t *element, element_scan_t *scan, crm_str_t org)
{
    crm_str_t  type, of, skipped;

    if (!element_is(scan, CRM_STR("{\"v\":1,\"id\":"))
        || !element_text(scan, &element->id)
        || element->id.len > ELEMENT_MAX_ID
        || !element_word(element->id, "_:-")
        || !element_is(scan, CRM_STR(",\"event\":"))
        || !element_text(scan, &skipped)
        || !element_is(scan, CRM_STR(",\"type\":"))
        || !element_text(scan, &type)
        || !element_word(type, "_")
        || !element_is(scan, CRM_STR(",\"org\":"))
        || !element_text(scan, &of)
        || !crm_str_eq(of, org)
        || !element_is(scan, CRM_STR(",\"module\":"))
        || !element_text(scan, &skipped)
        || !element_is(scan, CRM_STR(",\"record_id\":"))
        || !element_text(scan, &skipped)
        || !element_is(scan, CRM_STR(",\"rule\":"))
        || !element_text(scan, &skipped)
        || !element_is(scan, CRM_STR(",\"revision\":")))
    {
        return 0;
    }

    if (scan->at == scan->end || *scan->at < '0' || *scan->at > '9') {
        return 0;
    }

    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9') {
        scan->at++;
    }

    return element_is(scan, CRM_STR(",\"action\":{\"name\":"))
           && element_text(scan, &element->name)
           && element_is(scan, CRM_STR(",\"url\":"))
           && element_text(scan, &element->url);
}


static int
element_is(element_scan_t *scan, crm_str_t word)
{
    if ((size_t) (scan->end - scan->at) < word.len
        || memcmp(scan->at, word.data, word.len) != 0)
    {
        return 0;
    }

    scan->at += word.len;

    return 1;
}


/* Without its quotes. */
static int
element_text(element_scan_t *scan, crm_str_t *text)
{
    const char  *quote;

    if (scan->at == scan->end || *scan->at != '"') {
        return 0;
    }

    scan->at++;
    quote = memchr(scan->at, '"', (size_t) (scan->end - scan->at));

    if (quote == NULL) {
        return 0;
    }

    *text = crm_str(scan->at, (size_t) (quote - scan->at));
    scan->at = quote + 1;

    return 1;
}


/* One letter at least; letters, digits and others. */
static int
element_word(crm_str_t word, const char *others)
{
    char    c;
    size_t  i;

    for (i = 0; i < word.len; i++) {
        c = word.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || (c != '\0' && strchr(others, c) != NULL)))
        {
            return 0;
        }
    }

    return word.len > 0;
}


static int
element_holds(crm_str_t text, crm_str_t what)
{
    return memmem(text.data, text.len, what.data, what.len) != NULL;
}


static void
element_hash(crm_element_t *element)
{
    char       scheme_text[CRM_ELEMENT_MAX_BYTES];
    char       host_text[CRM_ELEMENT_MAX_BYTES];
    crm_str_t  scheme, parts[6];

    scheme = element_scheme(element->url);
    scheme = element_lower(scheme_text, sizeof(scheme_text), scheme);

    parts[0] = CRM_STR("own\n");
    parts[1] = element->name;
    parts[2] = CRM_STR("\n");
    parts[3] = scheme;
    parts[4] = CRM_STR("://");
    parts[5] = element_lower(host_text, sizeof(host_text),
                             element_host(element->url, scheme));

    crm_digest_short(element->webhook, parts, 6);
    crm_digest_short(element->endpoint, parts + 3, 3);
}


/* Empty where there is none, or what follows is no //. */
static crm_str_t
element_scheme(crm_str_t url)
{
    char    c;
    size_t  i;

    for (i = 0; i < url.len; i++) {
        c = url.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
              || (i > 0 && ((c >= '0' && c <= '9')
                            || c == '+' || c == '.' || c == '-'))))
        {
            break;
        }
    }

    return i > 0 && url.len - i >= 3 && memcmp(url.data + i, "://", 3) == 0
           ? crm_str(url.data, i) : CRM_STR("");
}


/* With its port, unless that is the scheme's, and without a user. */
static crm_str_t
element_host(crm_str_t url, crm_str_t scheme)
{
    size_t     i;
    crm_str_t  host;

    if (scheme.len == 0) {
        return CRM_STR("");
    }

    host = crm_str(url.data + scheme.len + 3, url.len - scheme.len - 3);

    for (i = 0; i < host.len; i++) {
        if (memchr("/?#\\", host.data[i], 4) != NULL) {
            host.len = i;
            break;
        }
    }

    for (i = host.len; i > 0; i--) {
        if (host.data[i - 1] == '@') {
            host = crm_str(host.data + i, host.len - i);
            break;
        }
    }

    if (crm_str_is(scheme, "https") && element_ends(host, CRM_STR(":443"))) {
        host.len -= 4;

    } else if (crm_str_is(scheme, "http")
               && element_ends(host, CRM_STR(":80")))
    {
        host.len -= 3;
    }

    return host;
}


static int
element_ends(crm_str_t host, crm_str_t port)
{
    return host.len >= port.len
           && memcmp(host.data + host.len - port.len, port.data, port.len)
              == 0;
}


/* Letters of ASCII alone, as Redis does it. */
static crm_str_t
element_lower(char *to, size_t size, crm_str_t text)
{
    size_t  i;

    for (i = 0; i < text.len && i < size; i++) {
        to[i] = text.data[i] >= 'A' && text.data[i] <= 'Z'
                ? (char) (text.data[i] + ('a' - 'A')) : text.data[i];
    }

    return crm_str(to, i);
}
