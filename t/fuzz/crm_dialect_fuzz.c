/*
 * Targets and refusals. The first byte chooses.
 *
 * A target that is taken for a record's is written in the one canonical way;
 * an answer that refuses is JSON whatever it quotes.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "record/crm_dialect_kind.h"


static void fuzz_target(const crm_dialect_t *zoho, crm_str_t method,
    crm_str_t text);
static void fuzz_refusal(const crm_dialect_t *zoho, crm_str_t text,
    unsigned kind);
static crm_str_t cut(crm_str_t *rest, char at);
static void check(int condition);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    crm_str_t             text;
    const crm_dialect_t  *zoho;

    if (size == 0) {
        return 0;
    }

    zoho = crm_dialect_find(CRM_STR("zoho"));
    text = crm_str((const char *) data + 1, size - 1);

    switch (data[0]) {

    case 'P':
        fuzz_target(zoho, CRM_STR("PUT"), text);
        break;

    case 'D':
        fuzz_target(zoho, CRM_STR("DELETE"), text);
        break;

    case 'C':
        fuzz_target(zoho, CRM_STR("POST"), text);
        break;

    case 'G':
        fuzz_target(zoho, CRM_STR("GET"), text);
        break;

    default:
        fuzz_refusal(zoho, text, data[0]);
    }

    return 0;
}


static void
fuzz_target(const crm_dialect_t *zoho, crm_str_t method, crm_str_t text)
{
    size_t         i;
    crm_str_t      target;
    crm_route_t    route;
    crm_status_t   rc;
    crm_refusal_t  refusal;

    static const char  canonical[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._/";

    target = cut(&text, '?');

    rc = crm_dialect_route(zoho, &route, method, target, text, &refusal);

    if (rc == CRM_EINVAL) {
        check(refusal.kind == CRM_REFUSE_TARGET
              || refusal.kind == CRM_REFUSE_ROUTE);
        check(refusal.reason.len > 0);
        return;
    }

    if (rc == CRM_DECLINED && crm_str_is(method, "GET")) {
        return;
    }

    for (i = 0; i < target.len; i++) {
        check(target.data[i] != '\0' && strchr(canonical, target.data[i]));
        check(target.data[i] != '/' || (i > 0 && i + 1 < target.len
                                        && target.data[i + 1] != '/'));
    }

    if (rc == CRM_DECLINED) {
        return;
    }

    check(rc == CRM_OK && route.module.len > 0);

    if (route.operation == CRM_OP_CREATE) {
        check(crm_str_is(method, "POST") && route.record_id.len == 0);
        return;
    }

    check(crm_dialect_is_id(route.record_id));
    check(crm_str_eq(route.get_path, target));
    check(route.record_id.data + route.record_id.len
          == target.data + target.len);
}


/* Lines: reason, where, rule, record. */
static void
fuzz_refusal(const crm_dialect_t *zoho, crm_str_t text, unsigned kind)
{
    json_t         *tree;
    crm_buf_t       buf;
    crm_str_t       type;
    crm_pool_t     *pool;
    crm_refusal_t   refusal;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return;
    }

    memset(&refusal, 0, sizeof(crm_refusal_t));

    refusal.kind = (crm_refusal_kind_t) (kind % 15);
    refusal.operation = (crm_operation_t) (kind / 15 % 4);
    refusal.offset = kind % 2 ? kind : CRM_NO_OFFSET;
    refusal.reason = cut(&text, '\n');
    refusal.where = cut(&text, '\n');
    refusal.rule = cut(&text, '\n');
    refusal.record_id = text;

    crm_buf_init(&buf, pool, 0);
    check(crm_dialect_refuse(zoho, &buf, &type, &refusal) >= 400);

    tree = json_loadb(buf.data, buf.len,
                      JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    check(tree != NULL);

    json_decref(tree);
    crm_pool_destroy(pool);
}


/* What stands before the first such byte; *rest is what stands behind it. */
static crm_str_t
cut(crm_str_t *rest, char at)
{
    crm_str_t    part;
    const char  *end;

    part = *rest;
    end = part.len ? memchr(part.data, at, part.len) : NULL;

    if (end == NULL) {
        *rest = CRM_STR_NULL;
        return part;
    }

    part.len = (size_t) (end - part.data);
    *rest = crm_str(end + 1, rest->len - part.len - 1);

    return part;
}


static void
check(int condition)
{
    if (!condition) {
        abort();
    }
}
