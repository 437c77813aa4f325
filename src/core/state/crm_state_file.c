/*
 * The state file: a few lines, a digest over them and over the bundle.
 */

#include "state/crm_state_file.h"

#include "base/crm_digest.h"


#define FILE_MAGIC      CRM_STR("ngx_crm_automation state 1")
#define FILE_MAX_EPOCH  128


static crm_status_t  file_line(crm_str_t *value, crm_str_t *text,
    const char *name, crm_error_t *err);
static crm_status_t  file_number(long long *n, crm_str_t *text,
    const char *name, crm_error_t *err);
static crm_str_t  file_cut(crm_str_t *text);
static void  file_digest(char hex[2 * CRM_DIGEST_LEN + 1], crm_str_t head,
    crm_str_t bundle);
static crm_status_t  file_wrong(crm_error_t *err, const char *what);


crm_status_t
crm_state_file_print(crm_buf_t *buf, const crm_state_file_t *file)
{
    char       hex[2 * CRM_DIGEST_LEN + 1];
    crm_buf_t  head;

    if (file->epoch.len > FILE_MAX_EPOCH
        || (file->epoch.len
            && memchr(file->epoch.data, '\n', file->epoch.len)))
    {
        return CRM_EINVAL;
    }

    crm_buf_init(&head, buf->pool, 0);
    crm_buf_puts(&head, "org ");
    crm_buf_str(&head, file->org);
    crm_buf_puts(&head, "\nepoch ");
    crm_buf_str(&head, file->epoch);
    crm_buf_puts(&head, "\nrevision ");
    crm_buf_int(&head, file->revision);
    crm_buf_puts(&head, "\nbundle ");
    crm_buf_int(&head, (long long) file->bundle.len);
    crm_buf_puts(&head, "\n\n");

    if (crm_buf_status(&head) != CRM_OK) {
        return crm_buf_status(&head);
    }

    file_digest(hex, crm_buf_view(&head), file->bundle);

    crm_buf_reserve(buf, FILE_MAGIC.len + sizeof(hex) + head.len
                         + file->bundle.len + 16);
    crm_buf_str(buf, FILE_MAGIC);
    crm_buf_puts(buf, "\nsha256 ");
    crm_buf_puts(buf, hex);
    crm_buf_putc(buf, '\n');
    crm_buf_str(buf, crm_buf_view(&head));
    crm_buf_str(buf, file->bundle);

    return crm_buf_status(buf);
}


crm_status_t
crm_state_file_parse(crm_state_file_t *file, crm_str_t text, crm_str_t org,
    crm_error_t *err)
{
    char       hex[2 * CRM_DIGEST_LEN + 1];
    crm_str_t  line, digest;
    long long  len;

    memset(file, 0, sizeof(crm_state_file_t));

    line = file_cut(&text);

    if (!crm_str_eq(line, FILE_MAGIC)) {
        return file_wrong(err, "it is no state file of this version");
    }

    if (file_line(&digest, &text, "sha256", err) != CRM_OK) {
        return CRM_EINVAL;
    }

    file_digest(hex, text, CRM_STR_NULL);

    if (!crm_str_is(digest, hex)) {
        return file_wrong(err, "it is cut off or was changed: its checksum"
                          " does not hold");
    }

    if (file_line(&file->org, &text, "org", err) != CRM_OK
        || file_line(&file->epoch, &text, "epoch", err) != CRM_OK
        || file_number(&file->revision, &text, "revision", err) != CRM_OK
        || file_number(&len, &text, "bundle", err) != CRM_OK)
    {
        return CRM_EINVAL;
    }

    if (file_cut(&text).len != 0 || (long long) text.len != len) {
        return file_wrong(err, "its bundle is not as long as it says");
    }

    if (file->revision == 0) {
        return file_wrong(err, "it holds no revision");
    }

    if (!crm_str_eq(file->org, org)) {
        return file_wrong(err, "it belongs to another organisation");
    }

    file->bundle = text;

    return CRM_OK;
}


/* The rest of the next line, which must begin with name. */
static crm_status_t
file_line(crm_str_t *value, crm_str_t *text, const char *name,
    crm_error_t *err)
{
    size_t     n;
    crm_str_t  line;

    n = strlen(name);
    line = file_cut(text);

    if (line.len <= n || memcmp(line.data, name, n) != 0
        || line.data[n] != ' ')
    {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "it has no line \"%s\" where one must stand",
                             name);
    }

    *value = crm_str(line.data + n + 1, line.len - n - 1);

    return CRM_OK;
}


static crm_status_t
file_number(long long *n, crm_str_t *text, const char *name, crm_error_t *err)
{
    size_t     i;
    crm_str_t  value;

    if (file_line(&value, text, name, err) != CRM_OK) {
        return CRM_EINVAL;
    }

    *n = 0;

    for (i = 0; i < value.len && i < 18; i++) {
        if (value.data[i] < '0' || value.data[i] > '9') {
            break;
        }

        *n = *n * 10 + (value.data[i] - '0');
    }

    return i && i == value.len ? CRM_OK
           : crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                           "its line \"%s\" holds no number", name);
}


/* Up to the end of the line, which text then begins behind. */
static crm_str_t
file_cut(crm_str_t *text)
{
    crm_str_t    line;
    const char  *end;

    end = text->len ? memchr(text->data, '\n', text->len) : NULL;

    if (end == NULL) {
        line = *text;
        *text = CRM_STR_NULL;
        return line;
    }

    line = crm_str(text->data, (size_t) (end - text->data));
    *text = crm_str(end + 1, text->len - line.len - 1);

    return line;
}


static void
file_digest(char hex[2 * CRM_DIGEST_LEN + 1], crm_str_t head,
    crm_str_t bundle)
{
    crm_str_t      parts[2];
    unsigned char  digest[CRM_DIGEST_LEN];

    parts[0] = head;
    parts[1] = bundle;

    crm_digest_sha256(digest, parts, 2);
    crm_digest_hex(hex, digest);
}


static crm_status_t
file_wrong(crm_error_t *err, const char *what)
{
    return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "%s", what);
}
