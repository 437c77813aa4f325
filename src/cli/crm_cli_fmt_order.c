/*
 * The canonical order of documents and keys, and JSON files in it.
 */

#include "crm_cli_fmt.h"
#include "crm_cli_print.h"
#include "rules/crm_kind.h"

#include <stdlib.h>


#define FMT_MAX_KEYS  1000


static json_t *json_sorted(json_t *object);
static int text_compare(crm_str_t a, crm_str_t b);


int
crm_cli_fmt_key_order(const json_t *object, crm_str_t key)
{
    int                i;
    const crm_kind_t  *kind;

    kind = crm_kind_find(object, NULL);

    if (crm_str_is(key, "kind") || kind == NULL) {
        return 0;
    }

    if (kind->identity && crm_str_is(key, kind->identity)) {
        return 1;
    }

    for (i = 0; kind->keys[i].name; i++) {
        if (crm_str_is(key, kind->keys[i].name)) {
            return i + 2;
        }
    }

    return FMT_MAX_KEYS;
}


int
crm_cli_fmt_compare(const json_t *a, const json_t *b)
{
    int  x, y;

    x = crm_ruleset_kind_order(a);
    y = crm_ruleset_kind_order(b);

    if (x != y) {

        /* kinds that nobody knows are last */

        return x < 0 ? 1 : y < 0 ? -1 : x < y ? -1 : 1;
    }

    return text_compare(crm_ruleset_identity(a), crm_ruleset_identity(b));
}


static int
text_compare(crm_str_t a, crm_str_t b)
{
    int     rc;
    size_t  len;

    len = a.len < b.len ? a.len : b.len;
    rc = len ? memcmp(a.data, b.data, len) : 0;

    return rc ? rc : a.len < b.len ? -1 : a.len > b.len;
}


crm_status_t
crm_cli_fmt_json(crm_str_t *out, crm_str_t text, const crm_cli_doc_t *docs,
    size_t count, crm_pool_t *pool, crm_error_t *err)
{
    char    *dump;
    json_t  *strict, *sorted;

    strict = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
    json_decref(strict);

    if (strict == NULL || count != 1) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "this is no"
                             " JSON, though it is called so");
    }

    sorted = json_sorted(docs[0].value);
    dump = sorted ? json_dumps(sorted, JSON_INDENT(2) | CRM_CLI_JSON_REALS)
                  : NULL;
    json_decref(sorted);

    if (dump == NULL) {
        return CRM_ENOMEM;
    }

    *out = crm_pool_printf(pool, "%s\n", dump);
    free(dump);

    return out->data ? CRM_OK : CRM_ENOMEM;
}


/* New: object with its keys in order, or NULL without memory. */
static json_t *
json_sorted(json_t *object)
{
    int          order, last, next;
    json_t      *sorted, *value;
    const char  *key;

    sorted = json_object();

    for (last = -1; sorted; last = next) {
        next = FMT_MAX_KEYS + 1;

        json_object_foreach(object, key, value) {
            order = crm_cli_fmt_key_order(object, crm_strz(key));
            next = order > last && order < next ? order : next;
        }

        if (next > FMT_MAX_KEYS) {
            break;
        }

        json_object_foreach(object, key, value) {
            if (crm_cli_fmt_key_order(object, crm_strz(key)) == next
                && json_object_set(sorted, key, value) != 0)
            {
                json_decref(sorted);
                return NULL;
            }
        }
    }

    return sorted;
}
