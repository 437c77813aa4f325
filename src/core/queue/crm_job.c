/*
 * A job: what a worker is to do, complete and immutable.
 */

#include "queue/crm_job.h"

#include "base/crm_digest.h"
#include "queue/crm_job_record.h"
#include "queue/crm_job_type.h"
#include "rules/crm_notice.h"


#define JOB_PLACE_LEN  (16 + 2 * CRM_STR_INT_LEN)


static crm_str_t job_place(char text[JOB_PLACE_LEN],
    const crm_fired_t *fired, const crm_action_t *action);
static int job_is_alone(const crm_event_t *event,
    const crm_field_update_t *update);
static inline void job_member(crm_buf_t *buf, const char *name,
    crm_str_t text);
static void job_late(crm_buf_t *buf, const crm_job_source_t *source);
static void job_chain(crm_buf_t *buf, const crm_write_t *w,
    const crm_fired_t *source);


crm_str_t
crm_job_id(char id[CRM_JOB_ID_LEN + 1], const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action)
{
    int            i;
    char           numbers[2][CRM_STR_INT_LEN], place[JOB_PLACE_LEN];
    crm_str_t      parts[11];
    unsigned char  digest[CRM_DIGEST_LEN];

    parts[0] = event->write->event;
    parts[2] = fired->rule->id;
    parts[4] = crm_str_int(numbers[0],
                           crm_ruleset_revision(event->write->rules));
    parts[6] = crm_str_int(numbers[1], fired->condition->seq);
    parts[8] = job_place(place, fired, action);
    parts[10] = event->record_id;

    for (i = 1; i < 11; i += 2) {
        parts[i] = CRM_STR("\n");
    }

    crm_digest_sha256(digest, parts, 11);
    crm_digest_base32(id, CRM_JOB_ID_LEN, digest);
    id[CRM_JOB_ID_LEN] = '\0';

    return crm_str(id, CRM_JOB_ID_LEN);
}


/* An action's, "2"; in a scheduled block "1.2"; of a process "submit.2": it
 * may be called like a rule, and one event may bring two of its lists. */
static crm_str_t
job_place(char text[JOB_PLACE_LEN], const crm_fired_t *fired,
    const crm_action_t *action)
{
    char       number[CRM_STR_INT_LEN];
    size_t     len;
    crm_str_t  n;

    if (fired->block == NULL && fired->process == CRM_PROCESS_NONE) {
        return crm_str_int(text, action->seq);
    }

    n = fired->block && fired->stage != CRM_STAGE_STAY
        ? crm_str_int(number, fired->block->seq)
        : crm_strz(crm_stage_name(fired->stage));
    memcpy(text, n.data, n.len);
    len = n.len;
    text[len++] = '.';

    n = crm_str_int(number, action->seq);
    memcpy(text + len, n.data, n.len);

    return crm_str(text, len + n.len);
}


crm_status_t
crm_job_encode(crm_buf_t *buf, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action, crm_str_t id,
    const crm_job_told_t *told)
{
    crm_status_t           rc;
    crm_job_late_t         own;
    crm_job_source_t       source;
    const crm_job_type_t  *type;

    type = crm_job_type(action->id);
    if (type == NULL) {
        return CRM_DECLINED;
    }

    memset(&own, 0, sizeof(own));
    crm_job_source(&source, event, fired, action, id);
    source.late = &own;

    if (told) {
        source.merge.late = told->late;
    }

    if (told && told->record) {
        source.merge.record = told->record;
    }

    if (told && told->json.data) {
        source.record = told->json;
    }

    crm_job_head(buf, &source);
    crm_buf_puts(buf, ",\"action\":{");

    rc = type->action(buf, &source);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_putc(buf, '}');
    crm_job_tail(buf, &source);

    return crm_buf_status(buf);
}


const char *
crm_job_is_skipped(const crm_event_t *event, const crm_fired_t *fired,
    const crm_action_t *action)
{
    size_t              i, k;
    const crm_fired_t  *first;

    if (action->id == CRM_ACTION_EMAIL && action->u.email->from.len == 0) {
        return CRM_NOTICE_NO_SENDER;
    }

    if (fired->block) {
        return NULL;            /* it is not known yet */
    }

    if (action->id == CRM_ACTION_ASYNC_UPDATE) {
        return job_is_alone(event, &action->u.update)
               ? "no_related_record" : NULL;
    }

    if (action->id != CRM_ACTION_ASSIGN_OWNER) {
        return NULL;
    }

    for (i = 0; i < event->transform.fired_count; i++) {
        first = &event->transform.fired[i];

        if (first->rule->status != CRM_STATUS_ON) {
            continue;
        }

        for (k = 0; k < first->condition->actions_count; k++) {
            if (&first->condition->actions[k] == action) {
                return NULL;
            }

            if (first->condition->actions[k].id == CRM_ACTION_ASSIGN_OWNER) {
                return "owner_assigned";
            }
        }

        if (first->rule == fired->rule) {
            break;
        }
    }

    for (k = 0; fired->process && &fired->condition->actions[k] != action;
         k++)
    {
        if (fired->condition->actions[k].id == CRM_ACTION_ASSIGN_OWNER) {
            return "owner_assigned";
        }
    }

    return fired->process == CRM_PROCESS_ESCALATION
           && crm_job_owner_nobody(event, action) ? "nobody_active" : NULL;
}


/* Is there no record behind the lookup of an update of a related one? */
static int
job_is_alone(const crm_event_t *event, const crm_field_update_t *update)
{
    const crm_field_t  *field;
    const crm_write_t  *w;

    if (update->related.len == 0) {
        return 0;
    }

    w = event->write;
    field = crm_record_field(&event->record, update->related);

    return field ? crm_value_span_empty(field->value)
                 : w->before == NULL || w->absent_is_null;
}


void
crm_job_source(crm_job_source_t *source, const crm_event_t *event,
    const crm_fired_t *fired, const crm_action_t *action, crm_str_t id)
{
    memset(source, 0, sizeof(crm_job_source_t));

    source->event = event;
    source->fired = fired;
    source->action = action;
    source->id = id;
    source->record = event->record_json;
    source->pool = event->write->pool;
    source->merge.module = event->write->module->name;
    source->merge.record_id = event->record_id;
    source->merge.record = &event->record;
    source->merge.before = event->write->before;
    source->merge.scope = &event->write->scope;
}


void
crm_job_begin(crm_buf_t *buf, const crm_job_head_t *head)
{
    crm_buf_puts(buf, "{\"v\":1,\"id\":");
    crm_buf_json(buf, head->id);
    job_member(buf, ",\"event\":", head->event);
    job_member(buf, ",\"type\":", crm_strz(head->type));
    job_member(buf, ",\"org\":", head->org);
    job_member(buf, ",\"module\":", head->module);
    job_member(buf, ",\"record_id\":", head->record_id);
    job_member(buf, ",\"rule\":", head->rule);
}


static inline void
job_member(crm_buf_t *buf, const char *name, crm_str_t text)
{
    if (text.data != NULL) {
        crm_buf_puts(buf, name);
        crm_buf_json(buf, text);
    }
}


/* take.lua reads these from where they stand (lib/entrance.lua). */
void
crm_job_head(crm_buf_t *buf, const crm_job_source_t *source)
{
    crm_job_head_t      head;
    const crm_event_t  *event;

    event = source->event;

    head.type = source->action->type;
    head.id = source->id;
    head.event = event->write->event;
    head.org = event->write->org;
    head.module = event->write->module->name;
    head.record_id = event->record_id;
    head.rule = source->fired->rule->id;

    crm_job_begin(buf, &head);
    crm_buf_puts(buf, ",\"revision\":");
    crm_buf_int(buf, crm_ruleset_revision(event->write->rules));
}


void
crm_job_tail(crm_buf_t *buf, const crm_job_source_t *source)
{
    const crm_write_t  *w;
    const crm_fired_t  *fired;

    w = source->event->write;
    fired = source->fired;

    crm_buf_puts(buf, ",\"record\":");
    crm_buf_str(buf, source->record);
    crm_buf_puts(buf, ",\"before\":");
    if (w->before) {
        crm_buf_str(buf, crm_record_raw(w->before));
    } else {
        crm_buf_puts(buf, "null");
    }
    crm_buf_puts(buf, ",\"actor\":{\"id\":");
    crm_buf_json(buf, w->actor.id);
    crm_buf_puts(buf, "},\"chain\":");
    job_chain(buf, w, fired);
    crm_buf_puts(buf, ",\"late\":[");
    job_late(buf, source);
    crm_buf_putc(buf, ']');
    crm_buf_puts(buf, ",\"attempt\":0,\"enqueued_at\":");
    crm_buf_int(buf, w->now_ms);
    crm_buf_putc(buf, '}');
}


/* The owner alone where the action has told so, else what was noted. */
static void
job_late(crm_buf_t *buf, const crm_job_source_t *source)
{
    size_t             i;
    const crm_late_t  *late;

    late = source->merge.late;

    if (source->late && source->late->owner) {
        crm_buf_puts(buf, "\"Owner\"");
        return;
    }

    for (i = 0; late && i < late->count; i++) {
        crm_buf_puts(buf, i ? "," : "");
        crm_buf_json(buf, late->fields[i]);
    }
}


/* What led to this job: the chain of the write, and the rule that fired. */
static void
job_chain(crm_buf_t *buf, const crm_write_t *w, const crm_fired_t *source)
{
    size_t                 n;
    crm_str_t              fired[CRM_CHAIN_MAX_FIRED];
    crm_step_t             step;
    crm_chain_t            chain;
    const crm_workflow_t  *rule;

    rule = source->rule;

    memset(&chain, 0, sizeof(crm_chain_t));
    chain.id = w->event;
    n = 0;

    if (source->process && source->stage == CRM_STAGE_AUTOMATIC) {

        /* time led to it: a chain of its own */

        step.process = source->process;
        step.stage = source->stage;
        step.name = rule->name;
        step.index = source->condition->seq;

        chain.transition = crm_step_transition(w->module, &step)->id;
        chain.stay = w->event;

    } else if (w->chain) {
        chain.id = w->chain->id;
        chain.depth = w->chain->depth;

        for ( /* void */ ; n < w->chain->fired_count
                           && n < CRM_CHAIN_MAX_FIRED - 1; n++)
        {
            fired[n] = w->chain->fired[n];
        }
    }

    fired[n] = rule->id;

    if (source->process) {
        fired[n] = crm_effects_origin(source->process, rule->id, w->pool);

        if (fired[n].data == NULL) {
            fired[n] = rule->id;
            buf->status = CRM_ENOMEM;
        }
    }

    n++;

    chain.fired = fired;
    chain.fired_count = n;
    chain.cascade = rule->cascade;
    chain.ignore_lock = rule->ignore_lock;

    crm_chain_encode(buf, &chain);
}
