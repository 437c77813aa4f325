/*
 * What the backend has set by itself in the record of a write.
 */

#include "queue/crm_renew.h"

#include "queue/crm_job_type.h"


static int renew_can(const crm_write_t *w);
static int renew_fired(const crm_event_t *event, const crm_fired_t *fired);
static int renew_is(const crm_write_t *w, crm_str_t field);


int
crm_renew_asked(const crm_event_t *event, const crm_asks_t *asks)
{
    size_t              i;
    const crm_write_t  *w;

    w = event->write;

    if (asks == NULL || (asks->count == 0 && !asks->whole) || !renew_can(w)) {
        return 0;
    }

    /* a created record that is told whole is what was sent */

    if (asks->whole && w->operation == CRM_OP_UPDATE
        && (w->module->schema.computed
            || (w->dialect && crm_dialect_renews(w->dialect))))
    {
        return 1;
    }

    for (i = 0; i < asks->count; i++) {
        if (renew_is(w, asks->fields[i])) {
            return 1;
        }
    }

    return 0;
}


/* Somebody has sent the record to the backend. */
static int
renew_can(const crm_write_t *w)
{
    return (w->operation == CRM_OP_CREATE || w->operation == CRM_OP_UPDATE)
           && w->request && !w->timed;
}


static int
renew_is(const crm_write_t *w, crm_str_t field)
{
    return crm_late_is(w->dialect, &w->module->schema, w->operation, field);
}


int
crm_renew_wanted(const crm_event_t *event)
{
    size_t              i;
    const crm_fired_t  *fired;

    for (i = 0; i < event->transform.fired_count; i++) {
        fired = &event->transform.fired[i];

        if (fired->rule->status == CRM_STATUS_ON
            && renew_fired(event, fired))
        {
            return 1;
        }
    }

    for (i = 0; i < event->effects.steps_count; i++) {
        if (renew_fired(event, &event->effects.steps[i])) {
            return 1;
        }
    }

    return 0;
}


/* What waits for its time is filled then. */
static int
renew_fired(const crm_event_t *event, const crm_fired_t *fired)
{
    size_t                 i;
    const crm_action_t    *action;

    for (i = 0; i < fired->condition->actions_count; i++) {
        action = &fired->condition->actions[i];

        if (crm_job_type(action->id)
            && crm_renew_asked(event, crm_action_asks(action)))
        {
            return 1;
        }
    }

    return 0;
}


crm_status_t
crm_renew_record(const crm_event_t *event, const crm_record_t **record)
{
    int                   update;
    size_t                i;
    crm_record_t          kept, shown, *told;
    const crm_field_t    *field;
    const crm_write_t    *w;
    const crm_record_t   *own;

    w = event->write;
    own = &event->record;
    update = w->operation == CRM_OP_UPDATE;

    memset(&kept, 0, sizeof(crm_record_t));
    memset(&shown, 0, sizeof(crm_record_t));

    kept.fields = crm_pool_alloc(w->pool, (own->count + 1)
                                          * sizeof(crm_field_t));
    shown.fields = crm_pool_alloc(w->pool, ((event->shown ? event->shown->count
                                                          : 0) + 1)
                                           * sizeof(crm_field_t));
    if (kept.fields == NULL || shown.fields == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < own->count; i++) {
        if (!update || !renew_is(w, own->fields[i].name)) {
            kept.fields[kept.count++] = own->fields[i];
        }
    }

    for (i = 0; event->shown && i < event->shown->count; i++) {
        field = &event->shown->fields[i];

        if (renew_is(w, field->name)
            && (update || !crm_record_field(own, field->name)))
        {
            shown.fields[shown.count++] = *field;
        }
    }

    *record = own;

    if (kept.count == own->count && shown.count == 0) {
        return CRM_OK;
    }

    told = crm_pool_alloc(w->pool, sizeof(crm_record_t));
    *record = told;

    return told ? crm_image_merge(told, &kept, &shown, w->pool) : CRM_ENOMEM;
}
