/*
 * Which records wait for an approval.
 */

#include "state/crm_waits.h"

#include "state/crm_args.h"


/* ok, more, name and score of the last */
#define WAITS_HEAD  4

/* Digits of a time in milliseconds. */
#define WAITS_DIGITS  15


static crm_status_t waits_record(crm_waits_record_t *record,
    const crm_reply_t *e);
static size_t waits_find(crm_str_t text, char c, int last);


crm_cmd_t *
crm_waits_cmd(crm_pool_t *pool, crm_str_t org, const crm_waits_at_t *at)
{
    crm_args_t  args;

    crm_args_start(&args, pool, CRM_SCRIPT_WAITS, 1, 4);

    crm_args_key(&args, crm_key_approvals(pool, org));

    crm_args_int(&args, at->since_ms);
    crm_args_str(&args, at->name);
    crm_args_int(&args, CRM_WAITS_PAGE);
    crm_args_int(&args, CRM_WAITS_MAX_BYTES);

    return crm_args_end(&args);
}


crm_status_t
crm_waits_parse(crm_waits_t *waits, const crm_reply_t *reply,
    crm_pool_t *pool, crm_error_t *err)
{
    size_t              i;
    long long           more;
    crm_str_t           word;
    crm_status_t        rc;
    const crm_reply_t  *e;

    memset(waits, 0, sizeof(crm_waits_t));

    rc = crm_reply_word(&word, reply, WAITS_HEAD, err);
    if (rc != CRM_OK) {
        return rc;
    }

    e = reply->elements;

    if (!crm_str_is(word, "ok") || (reply->count - WAITS_HEAD) % 2
        || crm_reply_number(&more, &e[1], "waits", err) != CRM_OK
        || e[2].type != CRM_REPLY_STRING
        || crm_reply_number(&waits->last.since_ms, &e[3], "waits", err)
           != CRM_OK)
    {
        return crm_reply_misshapen("waits", err);
    }

    waits->more = more != 0;
    waits->last.name = e[2].str;
    waits->n_records = (reply->count - WAITS_HEAD) / 2;
    waits->records = crm_pool_calloc(pool, waits->n_records + 1,
                                     sizeof(crm_waits_record_t));
    if (waits->records == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < waits->n_records; i++) {
        if (waits_record(&waits->records[i], &e[WAITS_HEAD + 2 * i])
            != CRM_OK)
        {
            return crm_reply_misshapen("waits", err);
        }
    }

    return CRM_OK;
}


static crm_status_t
waits_record(crm_waits_record_t *record, const crm_reply_t *e)
{
    size_t     slash;
    crm_str_t  name;

    if (e[0].type != CRM_REPLY_STRING || e[1].type != CRM_REPLY_STRING) {
        return CRM_EINVAL;
    }

    name = e[0].str;
    slash = waits_find(name, '/', 0);

    if (slash == name.len) {
        return CRM_EINVAL;
    }

    record->module = crm_str(name.data, slash);
    record->id = crm_str(name.data + slash + 1, name.len - slash - 1);
    record->state = e[1].str;

    return CRM_OK;
}


/* Neither modules nor ids hold a dot. */
crm_str_t
crm_waits_cursor(const crm_waits_at_t *at, crm_pool_t *pool)
{
    size_t  slash;

    slash = waits_find(at->name, '/', 0);

    return crm_pool_printf(pool, "%lld.%.*s.%.*s", at->since_ms, (int) slash,
                           at->name.data,
                           (int) (at->name.len - slash
                                  - (slash < at->name.len)),
                           at->name.data + slash + (slash < at->name.len));
}


crm_status_t
crm_waits_at(crm_waits_at_t *at, crm_str_t cursor, crm_pool_t *pool)
{
    size_t  i, first, last;

    memset(at, 0, sizeof(crm_waits_at_t));
    at->name = CRM_STR("");

    if (cursor.len == 0) {
        return CRM_OK;
    }

    first = waits_find(cursor, '.', 0);
    last = waits_find(cursor, '.', 1);

    if (first == last || first == 0 || first > WAITS_DIGITS) {
        return CRM_EINVAL;
    }

    for (i = 0; i < first; i++) {
        if (cursor.data[i] < '0' || cursor.data[i] > '9') {
            return CRM_EINVAL;
        }

        at->since_ms = at->since_ms * 10 + (cursor.data[i] - '0');
    }

    at->name = crm_pool_printf(pool, "%.*s/%.*s", (int) (last - first - 1),
                               cursor.data + first + 1,
                               (int) (cursor.len - last - 1),
                               cursor.data + last + 1);

    return at->name.data ? CRM_OK : CRM_ENOMEM;
}


/* The place of the first, or the last, such character; text.len: there is
 * none. */
static size_t
waits_find(crm_str_t text, char c, int last)
{
    size_t  i, found;

    found = text.len;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] == c) {
            found = i;

            if (!last) {
                break;
            }
        }
    }

    return found;
}
