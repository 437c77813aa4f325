/*
 * Which records wait for an approval, a page at a time, those that wait
 * longest first.
 */

#ifndef CRM_WAITS_H
#define CRM_WAITS_H

#include "state/crm_cmd.h"
#include "state/crm_reply.h"


/* A page, and the text of the states in it: what Redis does in a moment. */
#define CRM_WAITS_PAGE       200
#define CRM_WAITS_MAX_BYTES  (512 * 1024)

/* A record, and since when it waits. "" is before all. */
typedef struct {
    long long  since_ms;
    crm_str_t  name;            /* MODULE/ID */
} crm_waits_at_t;

typedef struct {
    crm_str_t  module;
    crm_str_t  id;
    crm_str_t  state;           /* its field "approval" */
} crm_waits_record_t;

/* Strings borrow from the reply. */
typedef struct {
    crm_waits_record_t  *records;
    size_t               n_records;
    int                  more;
    crm_waits_at_t       last;      /* that was looked at; "": none */
} crm_waits_t;


/* Asks for the page behind at; NULL without memory. */
crm_cmd_t *crm_waits_cmd(crm_pool_t *pool, crm_str_t org,
    const crm_waits_at_t *at);

/* Reads the answer. CRM_EINVAL with *err, CRM_ENOMEM. */
crm_status_t crm_waits_parse(crm_waits_t *waits, const crm_reply_t *reply,
    crm_pool_t *pool, crm_error_t *err);

/* A place as text that a URL can carry, and back. Data is NULL without
 * memory; CRM_EINVAL: it is none; CRM_ENOMEM. */
crm_str_t crm_waits_cursor(const crm_waits_at_t *at, crm_pool_t *pool);
crm_status_t crm_waits_at(crm_waits_at_t *at, crm_str_t cursor,
    crm_pool_t *pool);

#endif
