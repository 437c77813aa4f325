/*
 * The gates of a trace document: between crm_trace.c, which writes the whole,
 * and crm_trace_gate.c, which writes what each guard said.
 */

#ifndef CRM_TRACE_GATE_H
#define CRM_TRACE_GATE_H

#include "queue/crm_event.h"


/* ,"gates": with those that were asked; with explain, what their rules
 * compared. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_trace_gate_all(const crm_event_t *event, crm_buf_t *buf,
    int explain);

#endif
