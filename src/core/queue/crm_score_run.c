/*
 * Counting anew what all stored records of a module are worth.
 */

#include "queue/crm_score_run.h"

#include "base/crm_digest.h"
#include "base/crm_time.h"
#include "queue/crm_job.h"
#include "record/crm_dialect_kind.h"
#include "transform/crm_score.h"

#include <stdlib.h>


/* Fields that one list asks for: the vendor's limit. */
#define RUN_FIELDS  50

/* How a page is asked for, before what follows the = of its cursor. */
#define RUN_BY_TOKEN  "page_token="
#define RUN_BY_ID     "id="


static crm_status_t run_text(crm_str_t *text, crm_span_t root,
    const char *name, crm_pool_t *pool, crm_error_t *err);
static crm_status_t run_number(long long *n, crm_span_t root,
    const char *name, crm_error_t *err);
static void run_counts(crm_buf_t *buf, const crm_score_run_t *run);
static int run_cursor_is(const crm_score_run_t *run, const char *how);
static crm_status_t run_list(crm_dialect_request_t *request,
    const crm_score_run_t *run, crm_str_t fields, crm_pool_t *pool);
static crm_status_t run_query(crm_dialect_request_t *request,
    const crm_score_run_t *run, crm_str_t fields, crm_pool_t *pool);
static crm_status_t run_behind(crm_str_t *next, const crm_score_run_t *run,
    crm_pool_t *pool);
static crm_status_t run_fields(crm_buf_t *buf, const crm_module_t *module,
    crm_pool_t *pool);
static void run_criteria(uint8_t *used, const crm_module_t *module,
    const crm_criteria_t *criteria);
static crm_status_t run_field(crm_buf_t *buf, crm_map_t *names,
    crm_str_t name);
static crm_status_t run_next(crm_str_t *next, const crm_score_run_t *run,
    crm_str_t body, crm_pool_t *pool);
static crm_status_t run_update(crm_score_due_t *due,
    const crm_score_run_t *run, const crm_changes_t *changes,
    crm_pool_t *pool);
static crm_str_t run_job_id(const crm_score_run_t *run, crm_str_t record_id,
    crm_pool_t *pool);


crm_str_t
crm_score_run_id(crm_str_t module, crm_pool_t *pool)
{
    return crm_pool_printf(pool, "scores:%.*s", (int) module.len,
                           module.data);
}


crm_status_t
crm_score_run_parse(crm_score_run_t *run, crm_span_t root, crm_pool_t *pool,
    crm_error_t *err)
{
    size_t        i;
    crm_status_t  rc;

    const struct {
        const char  *name;
        crm_str_t   *text;
        long long   *n;
    } members[] = {
        { "id", &run->id, NULL }, { "org", &run->org, NULL },
        { "module", &run->module, NULL }, { "run", &run->run, NULL },
        { "cursor", &run->cursor, NULL }, { "last", &run->last, NULL },
        { "at", NULL, &run->at_ms },
        { "revision", NULL, &run->revision }, { "seen", NULL, &run->seen },
        { "changed", NULL, &run->changed },
        { "unknown", NULL, &run->unknown },
        { "restarts", NULL, &run->restarts },
    };

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        rc = members[i].text
             ? run_text(members[i].text, root, members[i].name, pool, err)
             : run_number(members[i].n, root, members[i].name, err);

        if (rc != CRM_OK) {
            return rc;
        }
    }

    return CRM_OK;
}


static crm_status_t
run_text(crm_str_t *text, crm_span_t root, const char *name,
    crm_pool_t *pool, crm_error_t *err)
{
    crm_span_t  value;

    value = crm_span_member(root, crm_strz(name));

    if (value.type != CRM_JSON_STRING) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "%s must be a text", name);
    }

    *text = crm_span_text(value, pool);

    return text->data ? CRM_OK
                      : crm_error_set(err, CRM_ENOMEM, CRM_NO_OFFSET, "",
                                      "out of memory");
}


static crm_status_t
run_number(long long *n, crm_span_t root, const char *name, crm_error_t *err)
{
    crm_span_t  value;

    value = crm_span_member(root, crm_strz(name));

    if (value.type != CRM_JSON_NUMBER || value.len > 15) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "%s must be a whole number", name);
    }

    *n = strtoll(value.data, NULL, 10);

    return CRM_OK;
}


void
crm_score_run_encode(crm_buf_t *buf, const crm_score_run_t *run)
{
    crm_job_head_t  head;

    memset(&head, 0, sizeof(crm_job_head_t));
    head.type = "scores";
    head.id = run->id;
    head.org = run->org;
    head.module = run->module;

    crm_job_begin(buf, &head);
    crm_buf_puts(buf, ",\"action\":{\"name\":\"scores\"},\"run\":");
    crm_buf_json(buf, run->run);
    crm_buf_puts(buf, ",\"cursor\":");
    crm_buf_json(buf, run->cursor);
    crm_buf_puts(buf, ",\"last\":");
    crm_buf_json(buf, run->last);
    crm_buf_puts(buf, ",\"at\":");
    crm_buf_int(buf, run->at_ms);
    run_counts(buf, run);
}


void
crm_score_run_tell(crm_buf_t *buf, const crm_score_run_t *run,
    const char *state, long long now_ms)
{
    crm_buf_puts(buf, "{\"state\":\"");
    crm_buf_puts(buf, state);
    crm_buf_puts(buf, "\",\"run\":");
    crm_buf_json(buf, run->run);
    crm_buf_puts(buf, ",\"began\":");
    crm_buf_int(buf, run->at_ms);
    crm_buf_puts(buf, ",\"told\":");
    crm_buf_int(buf, now_ms);
    run_counts(buf, run);
}


static void
run_counts(crm_buf_t *buf, const crm_score_run_t *run)
{
    crm_buf_puts(buf, ",\"revision\":");
    crm_buf_int(buf, run->revision);
    crm_buf_puts(buf, ",\"seen\":");
    crm_buf_int(buf, run->seen);
    crm_buf_puts(buf, ",\"changed\":");
    crm_buf_int(buf, run->changed);
    crm_buf_puts(buf, ",\"unknown\":");
    crm_buf_int(buf, run->unknown);
    crm_buf_puts(buf, ",\"restarts\":");
    crm_buf_int(buf, run->restarts);
    crm_buf_putc(buf, '}');
}


crm_status_t
crm_score_run_ask(crm_dialect_request_t *request, const crm_score_run_t *run,
    const crm_module_t *module, const crm_dialect_t *dialect,
    crm_pool_t *pool)
{
    crm_buf_t     fields;
    crm_status_t  rc;

    memset(request, 0, sizeof(crm_dialect_request_t));

    if (!crm_dialect_has(dialect, CRM_WAY_PAGES)) {
        return CRM_DECLINED;
    }

    crm_buf_init(&fields, pool, 0);

    rc = run_fields(&fields, module, pool);
    if (rc == CRM_OK) {
        rc = crm_buf_status(&fields);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    return run_cursor_is(run, RUN_BY_ID)
           ? run_query(request, run, crm_buf_view(&fields), pool)
           : run_list(request, run, crm_buf_view(&fields), pool);
}


static int
run_cursor_is(const crm_score_run_t *run, const char *how)
{
    return run->cursor.len > strlen(how)
           && memcmp(run->cursor.data, how, strlen(how)) == 0;
}


static crm_status_t
run_list(crm_dialect_request_t *request, const crm_score_run_t *run,
    crm_str_t fields, crm_pool_t *pool)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, pool, 0);
    crm_buf_str(&buf, run->module);
    crm_buf_puts(&buf, "?fields=");
    crm_buf_str(&buf, fields);
    crm_buf_puts(&buf, "&sort_by=id&sort_order=asc&per_page=");
    crm_buf_int(&buf, CRM_SCORE_RUN_PAGE);
    crm_buf_putc(&buf, '&');
    crm_buf_str(&buf, run->cursor.len ? run->cursor : CRM_STR("page=1"));

    request->method = "GET";
    request->path = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* The vendor's query language, which knows no last page. Names that are no
 * plain ones have been encoded, and are none of it. */
static crm_status_t
run_query(crm_dialect_request_t *request, const crm_score_run_t *run,
    crm_str_t fields, crm_pool_t *pool)
{
    size_t     i;
    crm_str_t  id;
    crm_buf_t  buf;

    id = crm_str(run->cursor.data + strlen(RUN_BY_ID),
                 run->cursor.len - strlen(RUN_BY_ID));

    for (i = 0; i < id.len; i++) {
        if (id.data[i] < '0' || id.data[i] > '9') {
            return CRM_DECLINED;
        }
    }

    if (memchr(fields.data, '%', fields.len) != NULL) {
        return CRM_DECLINED;
    }

    crm_buf_init(&buf, pool, 0);
    crm_buf_puts(&buf, "{\"select_query\":\"select ");
    crm_buf_str(&buf, fields);
    crm_buf_puts(&buf, " from ");
    crm_buf_str(&buf, run->module);
    crm_buf_puts(&buf, " where id > ");
    crm_buf_str(&buf, id);
    crm_buf_puts(&buf, " order by id asc limit ");
    crm_buf_int(&buf, CRM_SCORE_RUN_PAGE);
    crm_buf_puts(&buf, "\"}");

    request->method = "POST";
    request->path = CRM_STR("coql");
    request->body = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* What criteria read, and what takes the scores. */
static crm_status_t
run_fields(crm_buf_t *buf, const crm_module_t *module, crm_pool_t *pool)
{
    size_t                i, k;
    uint8_t              *used;
    crm_map_t             names;
    crm_status_t          rc;
    const crm_scoring_t  *scoring;

    used = crm_pool_calloc(pool, module->schema.count + 1, 1);
    if (used == NULL) {
        return CRM_ENOMEM;
    }

    crm_map_init(&names, pool);
    rc = run_field(buf, &names, CRM_STR("id"));

    for (i = 0; rc == CRM_OK && i < module->scorings.count; i++) {
        scoring = module->scorings.items[i];

        for (k = 0; k < scoring->rules_count; k++) {
            run_criteria(used, module, &scoring->rules[k].criteria);
        }

        for (k = 0; rc == CRM_OK && k < CRM_SCORE_FIELDS; k++) {
            if (scoring->fields[k].len) {
                rc = run_field(buf, &names, scoring->fields[k]);
            }
        }
    }

    for (i = 0; rc == CRM_OK && i < module->schema.names.count; i++) {
        k = (uintptr_t) module->schema.names.entries[i].value - 1;

        if (used[k]) {
            rc = run_field(buf, &names, module->schema.names.entries[i].key);
        }
    }

    return rc;
}


static void
run_criteria(uint8_t *used, const crm_module_t *module,
    const crm_criteria_t *criteria)
{
    unsigned                i, k;
    const crm_predicate_t  *p;

    for (i = 0; i < criteria->count; i++) {
        if (criteria->nodes[i].type != CRM_NODE_LEAF) {
            continue;
        }

        p = module->predicates.items[criteria->nodes[i].predicate];
        used[p->slot] = 1;

        for (k = 0; k < p->count; k++) {
            if (p->operands[k].source == CRM_OPERAND_FIELD) {
                used[p->operands[k].slot] = 1;
            }
        }
    }
}


static crm_status_t
run_field(crm_buf_t *buf, crm_map_t *names, crm_str_t name)
{
    if (crm_map_find(names, name)) {
        return CRM_OK;
    }

    if (names->count == RUN_FIELDS) {
        return CRM_ELIMIT;
    }

    crm_buf_puts(buf, names->count ? "," : "");
    crm_dialect_encode(buf, name);

    return crm_map_add(names, name) ? crm_buf_status(buf) : CRM_ENOMEM;
}


crm_status_t
crm_score_run_page(crm_list_t *list, crm_str_t *next, crm_score_run_t *run,
    const crm_dialect_t *dialect, unsigned status, crm_str_t body,
    crm_pool_t *pool)
{
    crm_status_t  rc;

    *next = CRM_STR("");
    memset(list, 0, sizeof(crm_list_t));

    if (status == 204) {
        return CRM_OK;
    }

    if (status == 400 && run->last.len && run_cursor_is(run, RUN_BY_TOKEN)) {

        /* it has expired, or leads no further: the vendor's end at 100,000 */

        return run_behind(next, run, pool);
    }

    rc = crm_dialect_list(dialect, list, status, body, NULL, pool);

    if (rc != CRM_OK || list->count == 0) {
        return rc;
    }

    rc = crm_dialect_id_in(dialect, &run->last, run->module,
                           &list->records[list->count - 1], pool);

    if (rc != CRM_OK || list->complete) {
        return rc == CRM_DECLINED ? CRM_EINVAL : rc;
    }

    return run_cursor_is(run, RUN_BY_ID) ? run_behind(next, run, pool)
                                         : run_next(next, run, body, pool);
}


static crm_status_t
run_behind(crm_str_t *next, const crm_score_run_t *run, crm_pool_t *pool)
{
    *next = crm_pool_printf(pool, RUN_BY_ID "%.*s", (int) run->last.len,
                            run->last.data);

    return next->data ? CRM_OK : CRM_ENOMEM;
}


/* The backend's own word for it, which is the only one behind the first
 * thousands of records; else a page more. */
static crm_status_t
run_next(crm_str_t *next, const crm_score_run_t *run, crm_str_t body,
    crm_pool_t *pool)
{
    crm_buf_t     buf;
    crm_scan_t    scan;
    crm_span_t    root, token;
    crm_str_t     text;
    crm_status_t  rc;

    crm_scan_init(&scan, body, NULL, pool);

    rc = crm_scan_value(&scan, &root, NULL);
    if (rc != CRM_OK) {
        return rc;
    }

    token = crm_span_member(crm_span_member(root, CRM_STR("info")),
                            CRM_STR("next_page_token"));

    crm_buf_init(&buf, pool, 0);

    if (token.type == CRM_JSON_STRING) {
        text = crm_span_text(token, pool);
        if (text.data == NULL) {
            return CRM_ENOMEM;
        }

        crm_buf_puts(&buf, RUN_BY_TOKEN);
        crm_dialect_encode(&buf, text);

    } else if (run_cursor_is(run, RUN_BY_TOKEN)) {
        return run_behind(next, run, pool);     /* its pages have no number */

    } else {
        crm_buf_puts(&buf, "page=");
        crm_buf_int(&buf, run->cursor.len > 5
                          ? strtoll(run->cursor.data + 5, NULL, 10) + 1 : 2);
    }

    *next = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


crm_status_t
crm_score_run_record(crm_score_due_t *due, const crm_score_run_t *run,
    const crm_score_now_t *now, crm_pool_t *pool)
{
    size_t          i;
    crm_write_t     write;
    crm_record_t    nothing;
    crm_status_t    rc;
    crm_changes_t   changes;
    crm_effects_t   effects;

    memset(&write, 0, sizeof(crm_write_t));
    memset(&changes, 0, sizeof(crm_changes_t));
    memset(&effects, 0, sizeof(crm_effects_t));

    rc = crm_record_parse(&nothing, CRM_STR("{}"), NULL, pool, NULL);
    if (rc != CRM_OK) {
        return CRM_ENOMEM;
    }

    write.rules = now->rules;
    write.module = now->module;
    write.operation = CRM_OP_UPDATE;
    write.org = run->org;
    write.event = run->run;
    write.record_id = due->id;
    write.actor.id = CRM_AUTOMATION;
    write.now_ms = now->now_ms;
    write.dialect = now->dialect;
    write.absent_is_null = crm_dialect_absent_is_null(now->dialect);
    write.request = &nothing;
    write.before = now->record;
    write.state = now->state;

    rc = crm_write_init(&write, pool);
    if (rc == CRM_OK) {
        rc = crm_score_first(&write, &changes);
    }
    if (rc == CRM_OK) {
        rc = crm_score_follow(&effects, &write);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    for (i = 0; i < write.scores->count; i++) {
        due->unknown |= write.scores->items[i].reason != NULL;
    }

    due->record = crm_pool_printf(pool, "%.*s/%.*s",
                                  (int) run->module.len, run->module.data,
                                  (int) due->id.len, due->id.data);
    if (due->record.data == NULL) {
        return CRM_ENOMEM;
    }

    due->had = now->state->score;
    due->keeps = effects.changes_count ? effects.changes[0].value
                                       : CRM_STR("");

    return changes.real ? run_update(due, run, &changes, pool) : CRM_OK;
}


/* A score_updates job, which starts nothing, and which no lock stops: what the
 * record is worth is nobody's change. */
static crm_status_t
run_update(crm_score_due_t *due, const crm_score_run_t *run,
    const crm_changes_t *changes, crm_pool_t *pool)
{
    size_t          i;
    crm_buf_t       buf;
    crm_chain_t     chain;
    crm_job_head_t  head;

    due->job_id = run_job_id(run, due->id, pool);
    if (due->job_id.data == NULL) {
        return CRM_ENOMEM;
    }

    memset(&chain, 0, sizeof(crm_chain_t));
    chain.id = run->run;
    chain.ignore_lock = 1;

    head.type = "score_updates";
    head.id = due->job_id;
    head.event = run->run;
    head.org = run->org;
    head.module = run->module;
    head.record_id = due->id;
    head.rule = changes->items[0].rule->name;

    crm_buf_init(&buf, pool, 0);
    crm_job_begin(&buf, &head);
    crm_buf_puts(&buf, ",\"action\":{\"name\":\"scores\",\"fields\":{");

    for (i = 0; i < changes->count; i++) {
        crm_buf_puts(&buf, i ? "," : "");
        crm_buf_json(&buf, changes->items[i].field);
        crm_buf_putc(&buf, ':');
        crm_buf_str(&buf, changes->items[i].json);
    }

    crm_buf_puts(&buf, "}},\"chain\":");
    crm_chain_encode(&buf, &chain);
    crm_buf_putc(&buf, '}');

    due->job = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


/* The same whoever reads the page once more by the same rules. */
static crm_str_t
run_job_id(const crm_score_run_t *run, crm_str_t record_id, crm_pool_t *pool)
{
    char           id[CRM_JOB_ID_LEN + 1];
    crm_str_t      parts[2];
    unsigned char  digest[CRM_DIGEST_LEN];

    parts[0] = crm_pool_printf(pool, "%.*s\n%.*s\n%lld\n",
                               (int) run->run.len, run->run.data,
                               (int) run->module.len, run->module.data,
                               run->revision);
    parts[1] = record_id;

    if (parts[0].data == NULL) {
        return parts[0];
    }

    crm_digest_sha256(digest, parts, 2);
    crm_digest_base32(id, CRM_JOB_ID_LEN, digest);
    id[CRM_JOB_ID_LEN] = '\0';

    return crm_pool_dup(pool, crm_str(id, CRM_JOB_ID_LEN));
}
