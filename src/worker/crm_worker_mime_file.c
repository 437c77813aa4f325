/*
 * Attachments of a mail: base64 in lines (RFC 2045), names as RFC 2183 and 2231
 * have them.
 */

#include "crm_worker_mime.h"

#include "base/crm_base64.h"

#include <stdio.h>
#include <string.h>


#define FILE_LINE  57       /* bytes that are 76 letters */


static int file_is_type(crm_str_t type);
static int file_is_token(char c);
static void file_name(crm_buf_t *buf, crm_str_t name);
static int file_is_plain(crm_str_t name);


void
crm_worker_mime_file(crm_buf_t *buf, const crm_worker_mime_file_t *file)
{
    size_t  i, n;

    crm_buf_puts(buf, "Content-Type: ");
    crm_buf_str(buf, file_is_type(file->type)
                     ? file->type : CRM_STR("application/octet-stream"));
    crm_buf_puts(buf, "\r\nContent-Transfer-Encoding: base64\r\n"
                      "Content-Disposition: attachment;\r\n ");
    file_name(buf, file->name);
    crm_buf_puts(buf, "\r\n\r\n");

    for (i = 0; i < file->bytes.len; i += n) {
        n = file->bytes.len - i < FILE_LINE ? file->bytes.len - i : FILE_LINE;

        crm_base64_encode(buf, crm_str(file->bytes.data + i, n), CRM_BASE64);
        crm_buf_puts(buf, "\r\n");
    }
}


/* "application/pdf", without parameters. */
static int
file_is_type(crm_str_t type)
{
    size_t  i, slashes;

    slashes = 0;

    for (i = 0; i < type.len; i++) {
        if (type.data[i] == '/') {
            slashes += i > 0 && i + 1 < type.len ? 1 : 2;

        } else if (!file_is_token(type.data[i])) {
            return 0;
        }
    }

    return slashes == 1 && type.len <= 100;
}


static int
file_is_token(char c)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9')
           || (c != '\0' && strchr("!#$&-^_.+", c) != NULL);
}


/* What is not plain is said in percents: nothing ends the quotes, or the
 * line. */
static void
file_name(crm_buf_t *buf, crm_str_t name)
{
    char    code[4];
    size_t  i;

    if (file_is_plain(name)) {
        crm_buf_puts(buf, "filename=\"");
        crm_buf_str(buf, name);
        crm_buf_putc(buf, '"');
        return;
    }

    crm_buf_puts(buf, "filename*=UTF-8''");

    for (i = 0; i < name.len; i++) {
        if (file_is_token(name.data[i])) {
            crm_buf_putc(buf, name.data[i]);

        } else {
            (void) snprintf(code, sizeof(code), "%%%02X",
                            (unsigned char) name.data[i]);
            crm_buf_puts(buf, code);
        }
    }
}


static int
file_is_plain(crm_str_t name)
{
    size_t  i;

    for (i = 0; i < name.len; i++) {
        if (name.data[i] < ' ' || name.data[i] > '~' || name.data[i] == '"'
            || name.data[i] == '\\')
        {
            return 0;
        }
    }

    return name.len > 0 && name.len < 60;
}
