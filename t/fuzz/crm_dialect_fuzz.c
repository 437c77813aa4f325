/*
 * Targets and refusals. The first byte chooses.
 *
 * A target that is taken for a record's is written in the one canonical way:
 * whoever decodes it, merges its slashes and walks its dots finds the same
 * segments, and its query says no more than we read in it. No query overrides
 * the method. An answer that refuses is JSON whatever it quotes.
 */

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "record/crm_dialect_kind.h"


#define MAX_TEXT  4096


static void fuzz_target(const crm_dialect_t *zoho, crm_str_t method,
    crm_str_t text);
static void fuzz_refusal(const crm_dialect_t *zoho, crm_str_t text,
    unsigned kind);
static void check_segments(crm_str_t target);
static void check_query(const crm_route_t *route, crm_str_t query);
static int overrides(crm_str_t query);
static size_t decode(char *out, crm_str_t text, size_t max);
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

    case 'A':
        fuzz_target(zoho, CRM_STR("PATCH"), text);
        break;

    case 'M':
        fuzz_target(zoho, CRM_STR("MOVE"), text);
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
    crm_str_t      target;
    crm_route_t    route;
    crm_status_t   rc;
    crm_refusal_t  refusal;

    target = cut(&text, '?');

    rc = crm_dialect_route(zoho, &route, method, target, text, &refusal);

    if (rc == CRM_EINVAL) {
        check(refusal.kind == CRM_REFUSE_TARGET
              || refusal.kind == CRM_REFUSE_ROUTE);
        check(refusal.reason.len > 0);
        return;
    }

    check(!overrides(text));

    if (rc == CRM_DECLINED && crm_str_is(method, "GET")) {
        return;
    }

    check_segments(target);

    if (rc == CRM_DECLINED) {
        return;             /* a write that is listed as harmless */
    }

    check(rc == CRM_OK);

    if (route.operation == CRM_OP_NONE || route.operation == CRM_OP_ACTION) {
        return;
    }

    check(route.module.len > 0);
    check_query(&route, text);

    if (route.operation == CRM_OP_CREATE) {
        check(crm_str_is(method, "POST") && route.record_id.len == 0);
        return;
    }

    check(crm_str_is(method, "DELETE") == (route.operation == CRM_OP_DELETE));

    if (route.record_id.len == 0) {
        check(route.ids.len > 0 || route.operation == CRM_OP_UPDATE);
        return;             /* the query, or each item, names its own */
    }

    check(crm_dialect_is_id(route.record_id));
    check(crm_str_eq(route.get_path, target));
    check(route.record_id.data + route.record_id.len
          == target.data + target.len);
}


/* Decoded twice, as two hops may do, it is what it was. */
static void
check_segments(crm_str_t target)
{
    char       once[MAX_TEXT], twice[MAX_TEXT];
    size_t     n;
    crm_str_t  segment;

    if (target.len > MAX_TEXT) {
        return;
    }

    n = decode(once, target, MAX_TEXT);
    n = decode(twice, crm_str(once, n), MAX_TEXT);
    check(crm_str_eq(crm_str(twice, n), target));

    while (target.data) {
        segment = cut(&target, '/');
        check(segment.len > 0 && !crm_str_is(segment, ".")
              && !crm_str_is(segment, ".."));

        for (n = 0; n < segment.len; n++) {
            check(segment.data[n] != '\0'
                  && strchr("abcdefghijklmnopqrstuvwxyz"
                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._",
                            segment.data[n]));
        }
    }
}


/* wf_trigger and ids, once each, of a deletion; nothing else. */
static void
check_query(const crm_route_t *route, crm_str_t query)
{
    unsigned   ids, trigger;
    crm_str_t  part;

    ids = 0;
    trigger = 0;

    check(query.len == 0 || route->operation == CRM_OP_DELETE);

    while (query.len) {
        part = cut(&query, '&');

        if (crm_str_is(part, "wf_trigger=true")
            || crm_str_is(part, "wf_trigger=false"))
        {
            check(trigger++ == 0);
            check(route->workflow == crm_str_is(part, "wf_trigger=true"));

        } else if (part.len) {
            check(ids++ == 0 && part.len > 4
                  && memcmp(part.data, "ids=", 4) == 0
                  && route->ids.len > 0 && route->record_id.len == 0);
        }
    }

    check(trigger || route->workflow == 1);
    check(ids == (route->ids.len > 0));
}


/* A second opinion: is a parameter, decoded, the word _method? */
static int
overrides(crm_str_t query)
{
    char       text[MAX_TEXT];
    size_t     n;
    crm_str_t  part;

    while (query.len) {
        part = cut(&query, '&');
        part = cut(&part, '=');
        n = decode(text, part, MAX_TEXT);

        if (part.len <= MAX_TEXT
            && crm_str_caseeq(crm_str(text, n), CRM_STR("_method")))
        {
            return 1;
        }
    }

    return 0;
}


/* Percent-decoded; what is no escape stays. */
static size_t
decode(char *out, crm_str_t text, size_t max)
{
    char    hex[3];
    size_t  i, n;

    hex[2] = '\0';

    for (i = 0, n = 0; i < text.len && n < max; i++) {
        out[n] = text.data[i];

        if (out[n] == '%' && i + 2 < text.len
            && isxdigit((unsigned char) text.data[i + 1])
            && isxdigit((unsigned char) text.data[i + 2]))
        {
            hex[0] = text.data[i + 1];
            hex[1] = text.data[i + 2];
            out[n] = (char) strtol(hex, NULL, 16);
            i += 2;
        }

        n++;
    }

    return n;
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
