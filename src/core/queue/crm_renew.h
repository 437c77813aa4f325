/*
 * What the backend has set by itself in the record of a write, beside what was
 * sent: who made the change and when, formulas.
 *
 * The record of an event is the one that was judged, with the stored values of
 * such fields. Nobody is told those: a job gets what the backend's answer
 * shows of them, or waits until a worker has read the record.
 */

#ifndef CRM_RENEW_H
#define CRM_RENEW_H

#include "queue/crm_event.h"


/* Whether an action that is asked so, of an event that fired it, asks for a
 * field of that kind; asks may be NULL. */
int crm_renew_asked(const crm_event_t *event, const crm_asks_t *asks);

/* Whether any job of a judged event does: then its host lays down in
 * event->shown what the backend's answer shows. */
int crm_renew_wanted(const crm_event_t *event);

/* The record of a finished event as it is told: with those fields as they are
 * shown, and without those that are not; the event's own where that is the
 * same. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_renew_record(const crm_event_t *event,
    const crm_record_t **record);

#endif
