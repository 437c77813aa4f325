/*
 * How each document in the stream of traces begins.
 */

#ifndef CRM_TRACE_HEAD_H
#define CRM_TRACE_HEAD_H

#include "base/crm_buf.h"


typedef struct {
    crm_str_t    event;
    long long    now_ms;
    crm_str_t    org;
    crm_str_t    module;
    crm_str_t    record_id;
    const char  *op;
    const char  *source;
    crm_str_t    user;
    crm_str_t    profile;
} crm_trace_head_t;


/* {"event_id" to "actor", which is not closed: {"user", "profile". */
void crm_trace_head(crm_buf_t *buf, const crm_trace_head_t *head);

/* The same in two, what stands before the record's id and behind it. */
void crm_trace_head_begin(crm_buf_t *buf, const crm_trace_head_t *head);
void crm_trace_head_end(crm_buf_t *buf, const crm_trace_head_t *head);

#endif
