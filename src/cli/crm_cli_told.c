/*
 * The command explain: what the stream of traces tells of an event, the write
 * first, then what became of what it scheduled.
 */

#include "crm_cli_explain.h"
#include "crm_cli_live.h"
#include "crm_cli_print.h"
#include "base/crm_limits.h"


/* The stream keeps about so many, the newest. */
#define TOLD_MAX_LOOKED  20000
#define TOLD_BATCH       "500"
#define TOLD_MAX_DOCS    200


typedef struct {
    crm_cli_t    *cli;
    crm_store_t  *store;
    crm_str_t     event;
    crm_span_t    docs[TOLD_MAX_DOCS];      /* the newest first */
    size_t        count;
    size_t        looked;
} told_t;


static crm_status_t told_read(told_t *told, crm_error_t *err);
static crm_status_t told_batch(told_t *told, const crm_reply_t *reply,
    crm_str_t *last);
static crm_status_t told_look(told_t *told, crm_str_t doc);
static void told_print(const told_t *told);


crm_cli_exit_t
crm_cli_told(crm_cli_t *cli)
{
    size_t         i;
    told_t        *told;
    crm_error_t    err;
    crm_status_t   rc;

    told = crm_pool_calloc(cli->pool, 1, sizeof(told_t));
    if (told == NULL) {
        crm_cli_complain("out of memory");
        return CRM_CLI_FAILED;
    }

    told->cli = cli;
    told->event = crm_strz(cli->opts.args[1]);
    told->store = crm_cli_live_open(cli);

    if (told->store == NULL) {
        return CRM_CLI_FAILED;
    }

    rc = told_read(told, &err);
    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    if (told->count == 0) {
        crm_cli_complain("nothing is told of event %s in %s: its write is"
                         " not settled, or it is older than the traces that"
                         " are kept, or one of more refusals than are told",
                         cli->opts.args[1], cli->opts.org);
        return CRM_CLI_FAILED;
    }

    if (!cli->opts.json) {
        told_print(told);
        return CRM_CLI_OK;
    }

    putchar('[');

    for (i = told->count; i > 0; i--) {
        (void) fwrite(told->docs[i - 1].data, 1, told->docs[i - 1].len,
                      stdout);
        fputs(i > 1 ? ",\n" : "]\n", stdout);
    }

    return CRM_CLI_OK;
}


/* From the newest back, some at a time. */
static crm_status_t
told_read(told_t *told, crm_error_t *err)
{
    crm_str_t     key, last, from;
    crm_pool_t   *pool;
    crm_reply_t  *reply;
    crm_status_t  rc;

    pool = told->cli->pool;
    key = crm_key_trace(pool, crm_strz(told->cli->opts.org));
    last = CRM_STR("+");

    if (key.data == NULL) {
        return CRM_ENOMEM;
    }

    do {
        from = last;

        rc = crm_store_command(told->store, pool, &reply, err, 6,
                               CRM_STR("XREVRANGE"), key, from, CRM_STR("-"),
                               CRM_STR("COUNT"), CRM_STR(TOLD_BATCH));
        if (rc == CRM_OK) {
            rc = told_batch(told, reply, &last);
        }

    } while (rc == CRM_OK && !crm_str_eq(last, from)
             && told->looked < TOLD_MAX_LOOKED);

    return rc;
}


/* [[id, [field, value, ...]], ...]; *last is where the next one begins, from
 * there if there is none. */
static crm_status_t
told_batch(told_t *told, const crm_reply_t *reply, crm_str_t *last)
{
    size_t              i, k;
    crm_status_t        rc;
    const crm_reply_t  *entry, *fields;

    if (reply->type != CRM_REPLY_ARRAY) {
        return CRM_OK;
    }

    for (i = 0; i < reply->count; i++) {
        entry = &reply->elements[i];
        told->looked++;

        if (entry->type != CRM_REPLY_ARRAY || entry->count != 2
            || entry->elements[0].type != CRM_REPLY_STRING
            || entry->elements[1].type != CRM_REPLY_ARRAY)
        {
            continue;
        }

        fields = &entry->elements[1];

        for (k = 0; k + 1 < fields->count; k += 2) {
            if (fields->elements[k + 1].type != CRM_REPLY_STRING
                || !crm_str_is(fields->elements[k].str, "doc"))
            {
                continue;
            }

            rc = told_look(told, fields->elements[k + 1].str);
            if (rc != CRM_OK) {
                return rc;
            }
        }

        *last = crm_pool_printf(told->cli->pool, "(%.*s",
                                (int) entry->elements[0].str.len,
                                entry->elements[0].str.data);
        if (last->data == NULL) {
            return CRM_ENOMEM;
        }
    }

    return CRM_OK;
}


/* Most documents are another event's: its id does not stand in them. A reply's
 * strings end with a zero byte. */
static crm_status_t
told_look(told_t *told, crm_str_t doc)
{
    crm_scan_t         scan;
    crm_span_t         root, id;
    crm_error_t        err;
    crm_status_t       rc;
    crm_scan_limits_t  limits;

    if (told->count == TOLD_MAX_DOCS
        || strstr(doc.data, told->event.data) == NULL)
    {
        return CRM_OK;
    }

    limits.max_nodes = (size_t) -1;
    limits.max_depth = CRM_MAX_DEPTH;

    crm_scan_init(&scan, doc, &limits, told->cli->pool);

    rc = crm_scan_value(&scan, &root, &err);

    if (rc != CRM_OK || root.type != CRM_JSON_OBJECT) {
        return rc == CRM_ENOMEM ? rc : CRM_OK;
    }

    id = crm_span_member(root, CRM_STR("event_id"));

    if (id.type == CRM_JSON_STRING && crm_span_is(id, told->event)) {
        told->docs[told->count++] = root;
    }

    return CRM_OK;
}


static void
told_print(const told_t *told)
{
    size_t             i;
    crm_cli_explain_t  how;

    memset(&how, 0, sizeof(crm_cli_explain_t));
    how.pool = told->cli->pool;
    how.out = stdout;
    how.indent = "";

    for (i = told->count; i > 0; i--) {
        if (!crm_span_is(crm_span_member(told->docs[i - 1],
                                         CRM_STR("decision")),
                         CRM_STR("cancelled")))
        {
            crm_cli_explain(&how, told->docs[i - 1]);
            continue;
        }

        fputs("cancelled ", stdout);
        crm_cli_explain_text(&how, crm_span_member(told->docs[i - 1],
                                                   CRM_STR("ts")));
        putchar('\n');
        crm_cli_explain_scheduled(&how, told->docs[i - 1]);
    }
}
