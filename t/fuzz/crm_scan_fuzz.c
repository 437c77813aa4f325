/*
 * Any bytes as JSON, against another reader.
 *
 * What we accept jansson accepts, with the same values, but for numbers beyond
 * its reach; what it accepts we accept, but for zero bytes, at which it may
 * stop reading. Whatever is refused has its byte and sentence.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "record/crm_scan.h"


static json_t *tree_of(crm_span_t span, crm_pool_t *pool);
static void check(int condition);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t             *theirs, *ours;
    crm_scan_t          scan;
    crm_span_t          span;
    crm_pool_t         *pool;
    crm_error_t         err;
    json_error_t        jerr;
    crm_status_t        rc;
    crm_scan_limits_t   limits;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return 0;
    }

    limits.max_nodes = 100000;
    limits.max_depth = 1000;
    err.offset = 0;

    crm_scan_init(&scan, crm_str((const char *) data, size), &limits, pool);

    rc = crm_scan_value(&scan, &span, &err);
    if (rc == CRM_OK) {
        rc = crm_scan_end(&scan, &err);
    }

    check(rc == CRM_OK || (err.code == rc && err.text[0] != '\0'
                           && err.offset <= size));

    if (size && memchr(data, '\0', size)) {
        check(rc != CRM_OK);
        crm_pool_destroy(pool);
        return 0;
    }

    theirs = json_loadb((const char *) data, size,
                        JSON_DECODE_ANY | JSON_REJECT_DUPLICATES
                        | JSON_DECODE_INT_AS_REAL, &jerr);

    if (theirs) {
        check(rc == CRM_OK || rc == CRM_ELIMIT);

    } else if (rc == CRM_OK) {
        check(json_error_code(&jerr) == json_error_numeric_overflow);
    }

    if (theirs && rc == CRM_OK) {
        ours = tree_of(span, pool);
        check(json_equal(ours, theirs));
        json_decref(ours);
    }

    json_decref(theirs);
    crm_pool_destroy(pool);

    return 0;
}


static json_t *
tree_of(crm_span_t span, crm_pool_t *pool)
{
    json_t      *tree;
    size_t       cursor;
    crm_str_t    text;
    crm_span_t   name, value;

    cursor = 0;

    switch (span.type) {

    case CRM_JSON_NULL:
        return json_null();

    case CRM_JSON_FALSE:
        return json_false();

    case CRM_JSON_TRUE:
        return json_true();

    case CRM_JSON_NUMBER:
        text = crm_pool_dup(pool, crm_span_raw(span));
        return json_real(strtod(text.data, NULL));

    case CRM_JSON_STRING:
        text = crm_span_text(span, pool);
        check(crm_span_is(span, text));
        return json_stringn(text.data, text.len);

    case CRM_JSON_ARRAY:
        tree = json_array();
        while (crm_span_next(span, &cursor, NULL, &value)) {
            (void) json_array_append_new(tree, tree_of(value, pool));
        }
        return tree;

    default:
        tree = json_object();
        while (crm_span_next(span, &cursor, &name, &value)) {
            text = crm_pool_dup(pool, crm_span_text(name, pool));
            (void) json_object_set_new(tree, text.data,
                                       tree_of(value, pool));
        }
        return tree;
    }
}


static void
check(int condition)
{
    if (!condition) {
        abort();
    }
}
