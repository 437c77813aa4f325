/*
 * Jobs that give a record another owner.
 */

#include "queue/crm_job_record.h"

#include "transform/crm_assign.h"


/* Whom an assign_owner leads to. */
typedef struct {
    crm_str_t  id;              /* one user, or empty */
    crm_who_t  turns;           /* or several, who take turns */
    crm_str_t  turn;            /* whose turns those are */
} owner_t;


static crm_status_t owner_tell(crm_buf_t *buf,
    const crm_job_source_t *source, const crm_email_t *tell);
static crm_status_t owner_party(owner_t *owner,
    const crm_job_source_t *source, const crm_party_t *party,
    crm_str_t turn);
static crm_status_t owner_turns(owner_t *owner, crm_str_t turn,
    crm_status_t rc);
static crm_status_t owner_above(crm_who_t *who, const crm_write_t *w,
    const crm_party_t *party);
static crm_status_t owner_ruled(owner_t *owner,
    const crm_job_source_t *source, crm_str_t name);
static const crm_assignment_t *owner_rule(const crm_module_t *module,
    crm_str_t name);


crm_status_t
crm_job_owner(crm_buf_t *buf, const crm_job_source_t *source)
{
    size_t               i;
    owner_t              owner;
    crm_str_t            turn;
    crm_status_t         rc;
    const crm_assign_t  *assign;

    assign = source->action->u.assign;
    memset(&owner, 0, sizeof(owner_t));

    turn = crm_pool_printf(source->pool, "%s:%.*s:%u.%u",
                           source->fired->process
                           ? crm_process_name(source->fired->process) : "rule",
                           (int) source->fired->rule->id.len,
                           source->fired->rule->id.data,
                           source->fired->condition->seq,
                           source->action->seq);
    if (turn.data == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < assign->to_count; i++) {
        rc = owner_party(&owner, source, &assign->to[i], turn);

        if (rc != CRM_OK) {
            return rc;
        }

        if (owner.id.len || owner.turns.count) {
            break;
        }
    }

    if (owner.turns.count) {
        crm_buf_puts(buf, "\"owner\":null,\"turn\":{\"of\":");
        crm_buf_json(buf, owner.turn);
        crm_buf_puts(buf, ",\"users\":");
        crm_buf_json_list(buf, owner.turns.ids, owner.turns.count);
        crm_buf_putc(buf, '}');

    } else if (owner.id.len) {
        crm_buf_puts(buf, "\"owner\":");
        crm_buf_json(buf, owner.id);

    } else {
        crm_buf_puts(buf, "\"owner\":null,\"refused\":\"assign_to leads to"
                          " nobody who is active\"");
    }

    return assign->tell && assign->tell->from.len
           ? owner_tell(buf, source, assign->tell) : CRM_OK;
}


/* What the worker mails to the owner, once he is it. */
static crm_status_t
owner_tell(crm_buf_t *buf, const crm_job_source_t *source,
    const crm_email_t *tell)
{
    crm_buf_t     subject, text;
    crm_status_t  rc;

    crm_buf_init(&subject, source->pool, 0);
    crm_buf_init(&text, source->pool, 0);

    rc = crm_template_render(&tell->template->subject, &subject,
                             CRM_ESCAPE_NONE, &source->merge, source->pool,
                             NULL);
    if (rc == CRM_OK) {
        rc = crm_template_render(&tell->template->text, &text,
                                 CRM_ESCAPE_NONE, &source->merge,
                                 source->pool, NULL);
    }

    crm_buf_puts(buf, ",\"notify\":{\"from\":");
    crm_buf_json(buf, tell->from);
    crm_buf_puts(buf, ",\"subject\":");
    crm_buf_json(buf, crm_buf_view(&subject));
    crm_buf_puts(buf, ",\"text\":");
    crm_buf_json(buf, crm_buf_view(&text));
    crm_buf_putc(buf, '}');

    return rc;
}


static crm_status_t
owner_party(owner_t *owner, const crm_job_source_t *source,
    const crm_party_t *party, crm_str_t turn)
{
    int           late;
    crm_status_t  rc;

    switch (party->type) {

    case CRM_PARTY_ROLE:
    case CRM_PARTY_GROUP:
    case CRM_PARTY_OWNER:
    case CRM_PARTY_MANAGER:
    case CRM_PARTY_ROLE_HIERARCHY:
        rc = owner_above(&owner->turns, source->event->write, party);

        return owner_turns(owner, turn, rc);

    case CRM_PARTY_ROUND_ROBIN:
        rc = crm_who(&owner->turns, source->event->write->rules, party,
                     source->pool);

        return owner_turns(owner, turn, rc);

    case CRM_PARTY_ASSIGNMENT_RULE:
        return owner_ruled(owner, source, party->name);

    default:
        return crm_job_record_user(&owner->id, &late, source, party);
    }
}


/* Who is alone has no turn to take. */
static crm_status_t
owner_turns(owner_t *owner, crm_str_t turn, crm_status_t rc)
{
    owner->turn = turn;

    if (rc == CRM_OK && owner->turns.count == 1) {
        owner->id = owner->turns.ids[0];
        owner->turns.count = 0;
    }

    return rc;
}


/* Those above whoever owned the record before it was escalated. */
static crm_status_t
owner_above(crm_who_t *who, const crm_write_t *w, const crm_party_t *party)
{
    crm_who_near_t  near;

    memset(&near, 0, sizeof(crm_who_near_t));
    near.owner = w->owner_was;
    near.actor = CRM_STR("");

    return crm_who_all(who, w->rules, party, 1, &near, w->pool);
}


int
crm_job_owner_nobody(const crm_event_t *event, const crm_action_t *action)
{
    crm_who_t           who;
    const crm_party_t  *to;

    to = action->u.assign->to;

    return to->type != CRM_PARTY_FIELD && to->type != CRM_PARTY_CURRENT_USER
           && to->type != CRM_PARTY_ASSIGNMENT_RULE
           && owner_above(&who, event->write, to) == CRM_OK && who.count == 0;
}


/* The first entry whose criteria the record meets, else the rule's default. */
static crm_status_t
owner_ruled(owner_t *owner, const crm_job_source_t *source, crm_str_t name)
{
    size_t                         i;
    crm_str_t                      turn;
    crm_write_t                   *w;
    const crm_assignment_t        *rule;
    const crm_assignment_entry_t  *entry;

    w = source->event->write;

    rule = owner_rule(w->module, name);
    if (rule == NULL) {
        return CRM_OK;
    }

    for (i = 0; i < rule->entries_count; i++) {
        entry = &rule->entries[i];

        if (crm_eval_criteria(&w->after_eval, &entry->criteria) != CRM_TRUE) {
            if (w->after_eval.status != CRM_OK) {
                return w->after_eval.status;
            }
            continue;
        }

        turn = crm_assign_turns(rule, (unsigned) i + 1, source->pool);

        return turn.data ? owner_party(owner, source, &entry->to, turn)
                         : CRM_ENOMEM;
    }

    owner->id = rule->otherwise_current && w->chain == NULL && !w->timed
                ? w->actor.id : rule->otherwise;

    if (crm_who_is_inactive(w->rules, owner->id)) {
        owner->id = CRM_STR("");
    }

    return CRM_OK;
}


static const crm_assignment_t *
owner_rule(const crm_module_t *module, crm_str_t name)
{
    size_t                   i;
    const crm_assignment_t  *rule;

    for (i = 0; i < module->assignments.count; i++) {
        rule = module->assignments.items[i];

        if (crm_str_eq(rule->name, name)) {
            return rule;
        }
    }

    return NULL;
}
