/*
 * Where a record stands in an approval process, as Redis holds it.
 */

#include "decide/crm_approval_state.h"


static void state_put_entry(crm_buf_t *buf,
    const crm_approval_entry_t *entry);


const char *const  crm_approval_statuses[] = {
    "", "waiting", "approved", "rejected", NULL
};
const char *const  crm_approval_modes[] = {
    "anyone", "everyone", "sequential", NULL
};


const char *
crm_approval_state_name(crm_approval_status_t status)
{
    return crm_approval_statuses[status];
}


void
crm_approval_state_encode(crm_buf_t *buf, const crm_approval_state_t *state)
{
    size_t  i;

    crm_buf_puts(buf, "{\"state\":\"");
    crm_buf_puts(buf, crm_approval_statuses[state->status]);
    crm_buf_puts(buf, "\",\"process\":");
    crm_buf_json(buf, state->process);
    crm_buf_puts(buf, ",\"rule\":");
    crm_buf_int(buf, state->rule);
    crm_buf_puts(buf, ",\"revision\":");
    crm_buf_int(buf, state->revision);
    crm_buf_puts(buf, ",\"mode\":\"");
    crm_buf_puts(buf, crm_approval_modes[state->mode]);
    crm_buf_puts(buf, "\",\"level\":");
    crm_buf_int(buf, state->level);
    crm_buf_puts(buf, ",\"approvers\":[");

    for (i = 0; i < state->levels_count; i++) {
        crm_buf_puts(buf, i ? "," : "");
        crm_buf_json_list(buf, state->levels[i].ids, state->levels[i].count);
    }

    crm_buf_puts(buf, "],\"given\":");
    crm_buf_json_list(buf, state->given.ids, state->given.count);
    crm_buf_puts(buf, ",\"submitter\":");
    crm_buf_json(buf, state->submitter);
    crm_buf_puts(buf, ",\"owner\":");
    crm_buf_json(buf, state->owner);
    crm_buf_puts(buf, ",\"at\":");
    crm_buf_int(buf, state->at_ms);
    crm_buf_puts(buf, ",\"event\":");
    crm_buf_json(buf, state->event);
    crm_buf_puts(buf, ",\"decided\":");
    crm_buf_int(buf, state->decided_ms);
    crm_buf_puts(buf, ",\"history\":[");

    for (i = 0; i < state->history_count; i++) {
        crm_buf_puts(buf, i ? "," : "");
        state_put_entry(buf, &state->history[i]);
    }

    crm_buf_puts(buf, "]}");
}


static void
state_put_entry(crm_buf_t *buf, const crm_approval_entry_t *entry)
{
    crm_buf_puts(buf, "{\"action\":");
    crm_buf_json(buf, entry->action);
    crm_buf_puts(buf, ",\"user\":");
    crm_buf_json(buf, entry->user);
    crm_buf_puts(buf, ",\"at\":");
    crm_buf_int(buf, entry->at_ms);
    crm_buf_puts(buf, ",\"comments\":");
    crm_buf_json(buf, entry->comments);
    crm_buf_puts(buf, ",\"level\":");
    crm_buf_int(buf, entry->level);
    crm_buf_puts(buf, ",\"to\":");
    crm_buf_json(buf, entry->to);
    crm_buf_putc(buf, '}');
}


int
crm_approval_state_lists(const crm_who_t *who, crm_str_t id)
{
    size_t  i;

    for (i = 0; i < who->count; i++) {
        if (crm_str_eq(who->ids[i], id)) {
            return 1;
        }
    }

    return 0;
}


crm_status_t
crm_approval_state_note(crm_approval_state_t *state,
    const crm_approval_entry_t *entry, crm_pool_t *pool)
{
    size_t                 i, skip;
    crm_approval_entry_t  *all;

    skip = state->history_count < CRM_APPROVAL_HISTORY_MAX
           ? 0 : state->history_count - CRM_APPROVAL_HISTORY_MAX + 1;

    all = crm_pool_calloc(pool, state->history_count - skip + 1,
                          sizeof(crm_approval_entry_t));
    if (all == NULL) {
        return CRM_ENOMEM;
    }

    for (i = skip; i < state->history_count; i++) {
        all[i - skip] = state->history[i];
    }

    all[i - skip] = *entry;

    state->history = all;
    state->history_count = i - skip + 1;

    return CRM_OK;
}
