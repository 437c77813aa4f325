/*
 * All records that Redis knows something of.
 */

#include "crm_cli_records.h"
#include "base/crm_map.h"


#define RECORDS_BATCH  "1000"

typedef struct {
    crm_cli_t          *cli;
    crm_store_t        *store;
    crm_str_t           prefix;         /* of their keys */
    const crm_str_t    *fields;
    size_t              n_fields;
    crm_map_t           seen;
    crm_cli_record_pt   visit;
    void               *data;
    crm_error_t        *err;
} walk_t;


static void walk_init(walk_t *w, crm_cli_t *cli, crm_store_t *store,
    const crm_str_t *fields, size_t n_fields, crm_cli_record_pt visit,
    void *data, crm_error_t *err);
static crm_status_t walk_batch(walk_t *w, crm_str_t *cursor,
    crm_pool_t *scratch);
static crm_status_t walk_key(walk_t *w, crm_str_t key, crm_pool_t *scratch);
static crm_status_t walk_record(walk_t *w, crm_str_t key,
    crm_record_name_t record, int once, crm_pool_t *scratch);
static crm_status_t walk_once(walk_t *w, crm_str_t key);


crm_status_t
crm_cli_records(crm_cli_t *cli, crm_store_t *store, const crm_str_t *fields,
    size_t n_fields, crm_cli_record_pt visit, void *data, crm_error_t *err)
{
    walk_t         w;
    char           cursor[32];
    crm_str_t      at;
    crm_pool_t    *scratch;
    crm_status_t   rc;

    walk_init(&w, cli, store, fields, n_fields, visit, data, err);

    w.prefix = crm_pool_printf(cli->pool, "crm:{%s}:record:", cli->opts.org);
    if (w.prefix.data == NULL) {
        return CRM_ENOMEM;
    }

    memcpy(cursor, "0", sizeof("0"));

    do {
        scratch = crm_pool_create(crm_host_malloc(), 0);
        if (scratch == NULL) {
            return CRM_ENOMEM;
        }

        at = crm_strz(cursor);
        rc = walk_batch(&w, &at, scratch);

        if (rc == CRM_OK && at.len < sizeof(cursor)) {
            memcpy(cursor, at.data, at.len);
            cursor[at.len] = '\0';
        }

        crm_pool_destroy(scratch);

    } while (rc == CRM_OK && strcmp(cursor, "0") != 0);

    return rc;
}


static void
walk_init(walk_t *w, crm_cli_t *cli, crm_store_t *store,
    const crm_str_t *fields, size_t n_fields, crm_cli_record_pt visit,
    void *data, crm_error_t *err)
{
    memset(w, 0, sizeof(walk_t));
    w->cli = cli;
    w->store = store;
    w->fields = fields;
    w->n_fields = n_fields;
    w->visit = visit;
    w->data = data;
    w->err = err;
    crm_map_init(&w->seen, cli->pool);
}


static crm_status_t
walk_batch(walk_t *w, crm_str_t *cursor, crm_pool_t *scratch)
{
    size_t               i;
    crm_str_t            pattern;
    crm_reply_t         *reply;
    crm_status_t         rc;
    const crm_reply_t   *keys;

    pattern = crm_pool_printf(scratch, "%s*", w->prefix.data);
    if (pattern.data == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_command(w->store, scratch, &reply, w->err, 6,
                           CRM_STR("SCAN"), *cursor, CRM_STR("MATCH"),
                           pattern, CRM_STR("COUNT"), CRM_STR(RECORDS_BATCH));
    if (rc != CRM_OK) {
        return rc;
    }

    if (reply->type != CRM_REPLY_ARRAY || reply->count != 2
        || reply->elements[0].type != CRM_REPLY_STRING
        || reply->elements[0].str.len > 20
        || reply->elements[1].type != CRM_REPLY_ARRAY)
    {
        return crm_reply_misshapen("SCAN", w->err);
    }

    keys = &reply->elements[1];

    for (i = 0; rc == CRM_OK && i < keys->count; i++) {
        rc = walk_key(w, keys->elements[i].str, scratch);
    }

    *cursor = reply->elements[0].str;

    return rc;
}


static crm_status_t
walk_key(walk_t *w, crm_str_t key, crm_pool_t *scratch)
{
    const char         *slash;
    crm_record_name_t   record;

    if (key.len <= w->prefix.len) {
        return CRM_OK;
    }

    record.module = crm_str(key.data + w->prefix.len,
                            key.len - w->prefix.len);
    slash = memchr(record.module.data, '/', record.module.len);
    if (slash == NULL) {
        return CRM_OK;
    }

    record.id = crm_str(slash + 1, (size_t) (key.data + key.len - slash - 1));
    record.module.len = (size_t) (slash - record.module.data);

    return walk_record(w, key, record, 1, scratch);
}


crm_status_t
crm_cli_record(crm_cli_t *cli, crm_store_t *store, crm_record_name_t record,
    const crm_str_t *fields, size_t n_fields, crm_cli_record_pt visit,
    void *data, crm_error_t *err)
{
    walk_t     w;
    crm_str_t  key;

    walk_init(&w, cli, store, fields, n_fields, visit, data, err);

    key = crm_key_record(cli->pool, crm_strz(cli->opts.org), record);

    return key.data ? walk_record(&w, key, record, 0, cli->pool)
           : CRM_ENOMEM;
}


static crm_status_t
walk_record(walk_t *w, crm_str_t key, crm_record_name_t record, int once,
    crm_pool_t *scratch)
{
    size_t         i;
    crm_cmd_t     *cmd;
    crm_str_t     *args;
    crm_reply_t   *reply;
    crm_status_t   rc;

    args = crm_pool_calloc(scratch, w->n_fields + 2, sizeof(crm_str_t));
    if (args == NULL) {
        return CRM_ENOMEM;
    }

    args[0] = CRM_STR("HMGET");
    args[1] = key;
    memcpy(&args[2], w->fields, w->n_fields * sizeof(crm_str_t));

    cmd = crm_cmd_plain(scratch, args, w->n_fields + 2);
    rc = cmd ? crm_store_run(w->store, cmd, scratch, &reply, w->err)
         : CRM_ENOMEM;
    if (rc != CRM_OK) {
        return rc;
    }

    if (reply->type != CRM_REPLY_ARRAY || reply->count != w->n_fields) {
        return crm_reply_misshapen("HMGET", w->err);
    }

    for (i = 0; i < w->n_fields; i++) {
        if (reply->elements[i].type == CRM_REPLY_STRING) {
            break;
        }
    }

    if (i == w->n_fields) {
        return CRM_OK;
    }

    rc = once ? walk_once(w, key) : CRM_OK;
    if (rc != CRM_OK) {
        return rc == CRM_DECLINED ? CRM_OK : rc;
    }

    return w->visit(w->data, record, reply) ? CRM_DECLINED : CRM_OK;
}


/* CRM_DECLINED: SCAN has given it before. */
static crm_status_t
walk_once(walk_t *w, crm_str_t key)
{
    crm_str_t         copy;
    crm_map_entry_t  *entry;

    if (crm_map_find(&w->seen, key)) {
        return CRM_DECLINED;
    }

    copy = crm_pool_dup(w->cli->pool, key);
    entry = copy.data ? crm_map_add(&w->seen, copy) : NULL;

    return entry ? CRM_OK : CRM_ENOMEM;
}
