/*
 * Base64: see crm_base64.h.
 */

#include "base/crm_base64.h"


static const char  base64_letters[2][65] = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
};


void
crm_base64_encode(crm_buf_t *buf, crm_str_t bytes, crm_base64_t kind)
{
    size_t       i;
    unsigned     bits, have;
    const char  *letters;

    letters = base64_letters[kind];
    bits = 0;
    have = 0;

    for (i = 0; i < bytes.len; i++) {
        bits = (bits << 8 | (unsigned char) bytes.data[i]) & 0xffff;
        have += 8;

        while (have >= 6) {
            have -= 6;
            crm_buf_putc(buf, letters[bits >> have & 63]);
        }
    }

    if (have) {
        crm_buf_putc(buf, letters[bits << (6 - have) & 63]);
    }

    while (kind == CRM_BASE64 && i++ % 3) {
        crm_buf_putc(buf, '=');
    }
}


crm_status_t
crm_base64_decode(crm_buf_t *buf, crm_str_t text, crm_base64_t kind)
{
    size_t       i;
    unsigned     bits, have;
    const char  *letter;

    while (text.len && text.data[text.len - 1] == '=') {
        text.len--;
    }

    bits = 0;
    have = 0;

    for (i = 0; i < text.len; i++) {
        letter = memchr(base64_letters[kind], text.data[i], 64);

        if (letter == NULL) {
            return CRM_EINVAL;
        }

        bits = (bits << 6 | (unsigned) (letter - base64_letters[kind]))
               & 0xffff;
        have += 6;

        if (have >= 8) {
            have -= 8;
            crm_buf_putc(buf, (char) (bits >> have & 0xff));
        }
    }

    return CRM_OK;
}
