/*
 * An answer that somebody reads: its body up to a limit, and of its headers
 * those that say what the body is worth.
 *
 * crm_worker_http.h fills it while the answer comes in.
 */

#ifndef CRM_WORKER_ANSWER_H
#define CRM_WORKER_ANSWER_H

#include "base/crm_buf.h"


typedef struct {
    crm_pool_t  *pool;          /* what is below lives in it */
    crm_buf_t    body;
    crm_str_t    event;         /* of the header CRM-Event; may be null */
    unsigned     committed:1;   /* CRM-Event-State: committed */
    unsigned     status;        /* 0: no answer */
    unsigned     complete:1;    /* to its last byte */
    unsigned     encoded:1;     /* compressed, although nobody asked */
    unsigned     too_large:1;
} crm_worker_answer_t;


void crm_worker_answer_init(crm_worker_answer_t *answer, crm_pool_t *pool,
    size_t body_max_bytes);

/* A header line as it came; a status line begins anew. 0 without memory. */
int crm_worker_answer_header(crm_worker_answer_t *answer, crm_str_t line);

/* 0: it is too large, or there is no memory for it. */
int crm_worker_answer_body(crm_worker_answer_t *answer, crm_str_t bytes);

#endif
