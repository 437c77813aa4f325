/*
 * Counting anew what all stored records of a module are worth.
 */

#include "queue/crm_score_run.h"

#include "base/crm_digest.h"
#include "base/crm_time.h"
#include "queue/crm_job.h"
#include "transform/crm_score.h"

#include <stdlib.h>


static crm_status_t run_text(crm_str_t *text, crm_span_t root,
    const char *name, crm_pool_t *pool, crm_error_t *err);
static crm_status_t run_number(long long *n, crm_span_t root,
    const char *name, crm_error_t *err);
static void run_counts(crm_buf_t *buf, const crm_score_run_t *run);
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
