/*
 * Characters of UTF-8 texts: see crm_deluge_utf8.h.
 */

#include "crm_deluge_utf8.h"


size_t
crm_deluge_utf8_size(const char *p, const char *end)
{
    size_t         i, n;
    uint32_t       point;
    unsigned char  c;

    c = (unsigned char) *p;

    if (c < 0x80) {
        return 1;
    }

    n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

    if (c < 0xc2 || c > 0xf4 || (size_t) (end - p) < n) {
        return 0;
    }

    point = c & (0x7fu >> n);

    for (i = 1; i < n; i++) {

        if (((unsigned char) p[i] & 0xc0) != 0x80) {
            return 0;
        }

        point = point << 6 | ((unsigned char) p[i] & 0x3f);
    }

    if ((n == 3 && point < 0x800) || (n == 4 && point < 0x10000)
        || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
    {
        return 0;
    }

    return n;
}


size_t
crm_deluge_utf8_valid(crm_str_t text)
{
    size_t  i, n;

    for (i = 0; i < text.len; i += n) {
        n = crm_deluge_utf8_size(text.data + i, text.data + text.len);

        if (n == 0) {
            break;
        }
    }

    return i;
}


void
crm_deluge_utf8_mend(char *text)
{
    char        *to;
    size_t       n;
    const char  *p, *end;

    to = text;
    end = text + strlen(text);

    for (p = text; p < end; p += n ? n : 1) {
        n = crm_deluge_utf8_size(p, end);

        memmove(to, p, n);
        to += n;
    }

    *to = '\0';
}


size_t
crm_deluge_utf8_length(crm_str_t text)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < text.len; i++) {
        n += ((unsigned char) text.data[i] & 0xc0) != 0x80;
    }

    return n;
}


size_t
crm_deluge_utf8_offset(crm_str_t text, size_t n)
{
    size_t  i;

    for (i = 0; i < text.len; i++) {

        if (((unsigned char) text.data[i] & 0xc0) != 0x80 && n-- == 0) {
            return i;
        }
    }

    return text.len;
}
