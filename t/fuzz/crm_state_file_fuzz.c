/*
 * The state file, which a process without Redis starts from. The first byte
 * chooses.
 *
 * 'r': any bytes. 'h': what stands behind the line with the checksum, which is
 * made to hold. 'p': an epoch and, behind a zero byte, a bundle: what was
 * printed is read back, and no prefix of it is.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/crm_digest.h"
#include "state/crm_state_file.h"


#define FILE_ORG  CRM_STR("acme")


static void fuzz_text(crm_str_t text);
static void fuzz_head(crm_str_t rest, crm_pool_t *pool);
static void fuzz_print(crm_str_t epoch, crm_str_t bundle, crm_pool_t *pool);
static void check(int condition);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t        n;
    crm_str_t     text;
    const char   *zero;
    crm_pool_t   *pool;

    if (size < 2) {
        return 0;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return 0;
    }

    text = crm_str((const char *) data + 1, size - 1);

    switch (data[0]) {

    case 'h':
        fuzz_head(text, pool);
        break;

    case 'p':
        zero = memchr(text.data, '\0', text.len);
        n = zero ? (size_t) (zero - text.data) : text.len;
        fuzz_print(crm_str(text.data, n),
                   zero ? crm_str(zero + 1, text.len - n - 1) : CRM_STR(""),
                   pool);
        break;

    default:
        fuzz_text(text);
    }

    crm_pool_destroy(pool);

    return 0;
}


static void
fuzz_text(crm_str_t text)
{
    crm_error_t       err;
    crm_state_file_t  file;

    memset(&err, 0, sizeof(crm_error_t));

    if (crm_state_file_parse(&file, text, FILE_ORG, &err) != CRM_OK) {
        check(err.code == CRM_EINVAL && err.text[0] != '\0');
        return;
    }

    check(crm_str_eq(file.org, FILE_ORG));
    check(file.revision > 0);
    check(file.bundle.len <= text.len);
    check(file.bundle.len == 0
          || file.bundle.data + file.bundle.len == text.data + text.len);
}


static void
fuzz_head(crm_str_t rest, crm_pool_t *pool)
{
    char           hex[2 * CRM_DIGEST_LEN + 1];
    crm_buf_t      buf;
    unsigned char  digest[CRM_DIGEST_LEN];

    crm_digest_sha256(digest, &rest, 1);
    crm_digest_hex(hex, digest);

    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, "ngx_crm_automation state 1\nsha256 ");
    crm_buf_puts(&buf, hex);
    crm_buf_putc(&buf, '\n');
    crm_buf_str(&buf, rest);

    if (crm_buf_status(&buf) == CRM_OK) {
        fuzz_text(crm_buf_view(&buf));
    }
}


static void
fuzz_print(crm_str_t epoch, crm_str_t bundle, crm_pool_t *pool)
{
    size_t            len;
    crm_buf_t         buf;
    crm_str_t         text;
    crm_error_t       err;
    crm_status_t      rc;
    crm_state_file_t  file, back;

    file.org = FILE_ORG;
    file.epoch = epoch;
    file.revision = 1 + (long long) bundle.len;
    file.bundle = bundle;

    crm_buf_init(&buf, pool, 0);

    rc = crm_state_file_print(&buf, &file);
    if (rc != CRM_OK) {
        check(rc == CRM_EINVAL || rc == CRM_ENOMEM);
        return;
    }

    text = crm_buf_view(&buf);

    check(crm_state_file_parse(&back, text, FILE_ORG, &err) == CRM_OK);
    check(crm_str_eq(back.epoch, epoch));
    check(crm_str_eq(back.bundle, bundle));
    check(back.revision == file.revision);
    check(crm_state_file_parse(&back, text, CRM_STR("other"), &err)
          == CRM_EINVAL);

    len = text.len;

    while (len) {
        len /= 2;
        check(crm_state_file_parse(&back, crm_str(text.data, len), FILE_ORG,
                                   &err) == CRM_EINVAL);
    }
}


static void
check(int condition)
{
    if (!condition) {
        abort();
    }
}
