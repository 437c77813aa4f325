/*
 * zoho: what a target is made of, in the one canonical way to write it.
 *
 * Whatever a backend might read differently from us (escapes, dots, doubled
 * slashes) is a fault of the path, whether or not the route is known.
 */

#include "record/crm_zoho_path.h"

#include "base/crm_limits.h"


/* v8, v2.1: three digits will do for a while */
#define PATH_MAX_VERSION   7


static int path_is_char(unsigned char c);
static int path_means(crm_str_t text, crm_str_t name);
static char path_hex(const char *p);


const char *
crm_zoho_path_split(crm_zoho_path_t *path, crm_str_t target)
{
    size_t     i, from;
    crm_str_t  segment;

    memset(path, 0, sizeof(crm_zoho_path_t));

    if (target.len == 0) {
        return NULL;
    }

    for (i = 0; i < target.len; i++) {
        if (target.data[i] != '/'
            && !path_is_char((unsigned char) target.data[i]))
        {
            return "the path of a write may hold letters, digits, "
                   "- . _ and / only, none of them escaped";
        }
    }

    from = 0;

    for (i = 0; i <= target.len; i++) {
        if (i < target.len && target.data[i] != '/') {
            continue;
        }

        segment = crm_str(target.data + from, i - from);
        from = i + 1;

        if (segment.len == 0) {
            return "the path of a write must not have an empty segment";
        }

        if (crm_str_is(segment, ".") || crm_str_is(segment, "..")) {
            return "the path of a write must not have a dot segment";
        }

        if (path->count < CRM_ZOHO_MAX_SEGMENTS) {
            path->segments[path->count] = segment;
        }

        path->count++;
    }

    return NULL;
}


static int
path_is_char(unsigned char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
           || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}


int
crm_zoho_path_is_plain(crm_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        if (!path_is_char((unsigned char) s.data[i])) {
            return 0;
        }
    }

    return 1;
}


int
crm_zoho_path_is_version(crm_str_t s)
{
    int     points;
    size_t  i;

    if (s.len < 2 || s.len > PATH_MAX_VERSION || s.data[0] != 'v'
        || s.data[1] < '1' || s.data[1] > '9' || s.data[s.len - 1] == '.')
    {
        return 0;
    }

    points = 0;

    for (i = 2; i < s.len; i++) {
        if (s.data[i] == '.') {
            points++;

        } else if (s.data[i] < '0' || s.data[i] > '9') {
            return 0;
        }
    }

    /* of the first version, v1 and v1.x, nothing is known */

    return points <= 1
           && (s.data[1] != '1' || (s.len > 2 && s.data[2] != '.'));
}


int
crm_zoho_path_is_name(crm_str_t s)
{
    size_t  i;

    if (s.len == 0 || s.len > CRM_MAX_MODULE_NAME
        || (s.data[0] | 0x20) < 'a' || (s.data[0] | 0x20) > 'z')
    {
        return 0;
    }

    for (i = 0; i < s.len; i++) {
        if (!path_is_char((unsigned char) s.data[i])
            || s.data[i] == '.' || s.data[i] == '-')
        {
            return 0;
        }
    }

    return 1;
}


int
crm_zoho_path_is_one_of(crm_str_t s, const char *const *names)
{
    size_t  i;

    for (i = 0; names[i]; i++) {
        if (crm_str_caseeq(s, crm_strz(names[i]))) {
            return 1;
        }
    }

    return 0;
}


crm_str_t
crm_zoho_path_parameter(crm_str_t *query, crm_str_t *value)
{
    size_t       n;
    crm_str_t    name;
    const char  *end;

    end = memchr(query->data, '&', query->len);
    n = end ? (size_t) (end - query->data) : query->len;

    name = crm_str(query->data, n);

    n += end != NULL;
    *query = crm_str(query->data + n, query->len - n);

    end = memchr(name.data, '=', name.len);
    n = end ? (size_t) (end - name.data) : name.len;

    *value = end ? crm_str(end + 1, name.len - n - 1) : CRM_STR_NULL;

    return crm_str(name.data, n);
}


int
crm_zoho_path_overrides(const crm_dialect_file_t *file, crm_str_t query,
    crm_str_t *where)
{
    unsigned   i;
    crm_str_t  name, value;

    while (query.len) {
        name = crm_zoho_path_parameter(&query, &value);

        for (i = 0; i < file->overrides_count; i++) {
            if (file->overrides[i].place == CRM_FILE_IN_QUERY
                && path_means(name, file->overrides[i].name))
            {
                *where = file->overrides[i].name;
                return 1;
            }
        }
    }

    return 0;
}


/* Escaped or not, in whatever case. */
static int
path_means(crm_str_t text, crm_str_t name)
{
    char    c;
    size_t  i, n;

    for (i = 0, n = 0; i < text.len && n < name.len; n++) {
        c = text.data[i++];

        if (c == '%' && text.len - i >= 2) {
            c = path_hex(text.data + i);
            i += 2;
        }

        if (!crm_str_caseeq(crm_str(&c, 1), crm_str(name.data + n, 1))) {
            return 0;
        }
    }

    return i == text.len && n == name.len;
}


/* Two hexadecimal digits as a byte; anything else as a zero byte. */
static char
path_hex(const char *p)
{
    int          i, byte;
    const char  *digit;

    static const char  digits[] = "0123456789abcdef";

    byte = 0;

    for (i = 0; i < 2; i++) {
        digit = memchr(digits, p[i] >= 'A' && p[i] <= 'F' ? p[i] | 0x20
                                                          : p[i],
                       sizeof(digits) - 1);
        if (digit == NULL) {
            return '\0';
        }

        byte = byte << 4 | (int) (digit - digits);
    }

    return (char) byte;
}
