/*
 * Where a record stands in an approval, as clients are told.
 */

#include "transform/crm_approval_answer.h"

#include "transform/crm_call.h"


static const crm_who_t *answer_asked(const crm_approval_state_t *state);
static void answer_name(crm_buf_t *buf, const crm_write_t *write);
static void answer_history(crm_buf_t *buf,
    const crm_approval_state_t *state, const crm_zone_t *zone);
static void answer_person(crm_buf_t *buf, const crm_write_t *write,
    crm_str_t id);


void
crm_approval_answer_whole(crm_buf_t *buf, const crm_write_t *write,
    const crm_approval_state_t *state)
{
    const crm_who_t  *asked;

    asked = answer_asked(state);

    answer_name(buf, write);

    if (state->status == CRM_APPROVAL_NONE) {
        crm_buf_puts(buf, ",\"state\":null}");
        return;
    }

    crm_buf_puts(buf, ",\"state\":\"");
    crm_buf_puts(buf, crm_approval_state_name(state->status));
    crm_buf_puts(buf, "\",\"process\":");
    crm_buf_json(buf, state->process);
    crm_buf_puts(buf, ",\"rule\":");
    crm_buf_int(buf, state->rule);
    crm_buf_puts(buf, ",\"level\":");
    crm_buf_int(buf, state->level);
    crm_buf_puts(buf, ",\"levels\":");
    crm_buf_int(buf, (long long) state->levels_count);
    crm_buf_puts(buf, ",\"approvers\":");
    crm_buf_json_list(buf, asked->ids, asked->count);
    crm_buf_puts(buf, ",\"given\":");
    crm_buf_json_list(buf, state->given.ids, state->given.count);
    crm_buf_puts(buf, ",\"submitted_by\":");
    crm_buf_json(buf, state->submitter);
    crm_buf_puts(buf, ",\"at\":\"");
    crm_call_time(buf, state->at_ms, write->scope.zone);
    crm_buf_puts(buf, "\",\"history\":[");
    answer_history(buf, state, write->scope.zone);
    crm_buf_puts(buf, "]}");
}


void
crm_approval_answer_line(crm_buf_t *buf, const crm_write_t *write,
    const crm_approval_state_t *state)
{
    const crm_who_t  *asked;

    asked = answer_asked(state);

    answer_name(buf, write);

    crm_buf_puts(buf, ",\"process\":");
    crm_buf_json(buf, state->process);
    crm_buf_puts(buf, ",\"level\":");
    crm_buf_int(buf, state->level);
    crm_buf_puts(buf, ",\"approvers\":");
    crm_buf_json_list(buf, asked->ids, asked->count);
    crm_buf_puts(buf, ",\"submitted_by\":");
    crm_buf_json(buf, state->submitter);
    crm_buf_puts(buf, ",\"at\":\"");
    crm_call_time(buf, state->at_ms, write->scope.zone);
    crm_buf_puts(buf, "\"}");
}


/* Of several who are asked, whoever looks is named, else the first. */
void
crm_approval_answer_vendor(crm_buf_t *buf, const crm_write_t *write,
    const crm_approval_state_t *state)
{
    const crm_who_t  *who;

    who = answer_asked(state);

    crm_buf_puts(buf, "{\"id\":");
    crm_buf_json(buf, state->event);
    crm_buf_puts(buf, ",\"type\":\"approval\",\"module\":");
    crm_buf_json(buf, write->module->name);
    crm_buf_puts(buf, ",\"entity\":{\"id\":");
    crm_buf_json(buf, write->record_id);
    crm_buf_puts(buf, ",\"name\":null},\"rule\":{\"id\":\"");
    crm_buf_int(buf, state->rule);
    crm_buf_puts(buf, "\",\"name\":");
    crm_buf_json(buf, state->process);
    crm_buf_puts(buf, "},\"owner\":");
    answer_person(buf, write, state->owner);
    crm_buf_puts(buf, ",\"initiated_time\":\"");
    crm_call_time(buf, state->at_ms, write->scope.zone);
    crm_buf_puts(buf, "\",\"waiting_for\":");
    answer_person(buf, write,
                  crm_approval_state_lists(who, write->actor.id)
                  ? write->actor.id
                  : who->count ? who->ids[0] : CRM_STR(""));
    crm_buf_putc(buf, '}');
}


/* Nobody is asked once it is decided. */
static const crm_who_t *
answer_asked(const crm_approval_state_t *state)
{
    static const crm_who_t  nobody;

    return state->status == CRM_APPROVAL_WAITING
           ? &state->levels[state->level - 1] : &nobody;
}


static void
answer_name(crm_buf_t *buf, const crm_write_t *write)
{
    crm_buf_puts(buf, "{\"module\":");
    crm_buf_json(buf, write->module->name);
    crm_buf_puts(buf, ",\"id\":");
    crm_buf_json(buf, write->record_id);
}


static void
answer_history(crm_buf_t *buf, const crm_approval_state_t *state,
    const crm_zone_t *zone)
{
    size_t                       i;
    const crm_approval_entry_t  *entry;

    for (i = 0; i < state->history_count; i++) {
        entry = &state->history[i];

        crm_buf_puts(buf, i ? ",{\"action\":" : "{\"action\":");
        crm_buf_json(buf, entry->action);
        crm_buf_puts(buf, ",\"user\":");
        crm_buf_json(buf, entry->user);
        crm_buf_puts(buf, ",\"at\":\"");
        crm_call_time(buf, entry->at_ms, zone);
        crm_buf_puts(buf, "\",\"level\":");
        crm_buf_int(buf, entry->level);

        if (entry->to.len) {
            crm_buf_puts(buf, ",\"to\":");
            crm_buf_json(buf, entry->to);
        }

        if (entry->comments.len) {
            crm_buf_puts(buf, ",\"comments\":");
            crm_buf_json(buf, entry->comments);
        }

        crm_buf_putc(buf, '}');
    }
}


static void
answer_person(crm_buf_t *buf, const crm_write_t *write, crm_str_t id)
{
    const crm_user_t  *user;

    if (id.len == 0) {
        crm_buf_puts(buf, "null");
        return;
    }

    user = crm_who_active(write->rules, id);

    crm_buf_puts(buf, "{\"id\":");
    crm_buf_json(buf, id);
    crm_buf_puts(buf, ",\"name\":");

    if (user && user->name.len) {
        crm_buf_json(buf, user->name);
    } else {
        crm_buf_puts(buf, "null");
    }

    crm_buf_putc(buf, '}');
}
