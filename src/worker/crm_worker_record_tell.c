/*
 * Who owns a record now is told so.
 */

#include "crm_worker_record_tell.h"

#include "rules/crm_who.h"


static void  tell_action(crm_buf_t *buf, crm_span_t notify,
    const crm_user_t *user);
static void  tell_copy(crm_buf_t *buf, crm_span_t from, const char *name);


crm_status_t
crm_worker_record_tell(crm_worker_job_t *job,
    const crm_worker_record_job_t *record, const crm_ruleset_t *rules)
{
    size_t             i;
    crm_buf_t          buf;
    crm_span_t         notify;
    const crm_user_t  *user;

    static const char *const  kept[] = {
        "event", "org", "module", "record_id", "rule", "revision",
        "enqueued_at"
    };

    notify = crm_span_member(job->action, CRM_STR("notify"));

    if (notify.type != CRM_JSON_OBJECT) {
        return CRM_OK;
    }

    job->parts = crm_pool_calloc(job->pool, 1, sizeof(crm_cmd_part_t));
    if (job->parts == NULL) {
        return CRM_ENOMEM;
    }

    job->parts->id = crm_pool_printf(job->pool, "%.*s-notify",
                                     (int) job->lease.id.len,
                                     job->lease.id.data);
    if (job->parts->id.data == NULL) {
        return CRM_ENOMEM;
    }

    user = rules ? crm_who_active(rules, record->write.owner) : NULL;

    crm_buf_init(&buf, job->pool, 0);
    crm_buf_puts(&buf, "{\"v\":1,\"type\":\"email_notifications\",\"id\":");
    crm_buf_json(&buf, job->parts->id);

    for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        tell_copy(&buf, job->root, kept[i]);
    }

    crm_buf_puts(&buf, ",\"part_of\":");
    crm_buf_json(&buf, job->lease.id);
    tell_action(&buf, notify, user);
    crm_buf_putc(&buf, '}');

    job->parts->body = crm_buf_view(&buf);
    job->parts_queue = CRM_QUEUE_EMAILS;
    job->parts_count = 1;

    return crm_buf_status(&buf);
}


static void
tell_action(crm_buf_t *buf, crm_span_t notify, const crm_user_t *user)
{
    crm_buf_puts(buf, ",\"action\":{\"name\":\"notify\",\"to\":[");

    if (user && user->email.len) {
        crm_buf_json(buf, user->email);
    }

    crm_buf_putc(buf, ']');
    tell_copy(buf, notify, "from");
    tell_copy(buf, notify, "subject");
    tell_copy(buf, notify, "text");

    if (user == NULL) {
        crm_buf_puts(buf, ",\"refused\":\"the rules know no active user who"
                          " is the new owner\"");

    } else if (user->email.len == 0) {
        crm_buf_puts(buf, ",\"refused\":\"the new owner has no email\"");
    }

    crm_buf_putc(buf, '}');
}


static void
tell_copy(crm_buf_t *buf, crm_span_t from, const char *name)
{
    crm_span_t  span;

    span = crm_span_member(from, crm_strz(name));

    if (span.type != CRM_JSON_NONE) {
        crm_buf_puts(buf, ",\"");
        crm_buf_puts(buf, name);
        crm_buf_puts(buf, "\":");
        crm_buf_str(buf, crm_span_raw(span));
    }
}
