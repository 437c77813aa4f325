/*
 * Locks by hand in Redis: scripts lock and unlock.
 *
 * Commands as those of crm_cmd.h, answers as those of crm_state.h.
 */

#ifndef CRM_LOCK_CMD_H
#define CRM_LOCK_CMD_H

#include "state/crm_cmd.h"
#include "state/crm_reply.h"


typedef enum {
    CRM_LOCK_LAY = 0,           /* nobody has locked it by hand */
    CRM_LOCK_CONFIRM,           /* it stands: is anybody still writing? */
    CRM_LOCK_PUT                /* it stands, and says something else now */
} crm_lock_how_t;

typedef struct {
    crm_str_t          org;
    crm_str_t          epoch;       /* expected; empty: none is */
    crm_record_name_t  record;
    crm_lock_how_t     how;
    crm_str_t          id;
    crm_str_t          doc;         /* crm_manual.h */
} crm_lock_cmd_t;

crm_cmd_t *crm_lock_cmd(crm_pool_t *pool, const crm_lock_cmd_t *in);

/* how and doc do not matter. */
crm_cmd_t *crm_lock_cmd_release(crm_pool_t *pool, const crm_lock_cmd_t *in);


typedef enum {
    CRM_LOCK_OK = 0,            /* stands and is confirmed; or is gone */
    CRM_LOCK_WAIT,              /* stands; a write is under way */
    CRM_LOCK_HELD,              /* another lock is there */
    CRM_LOCK_GONE,              /* somebody has taken it away */
    CRM_LOCK_EPOCH              /* Redis is not the one we knew */
} crm_lock_said_t;

/* The answer to either. CRM_EINVAL with *err. */
crm_status_t crm_lock_cmd_said(crm_lock_said_t *said,
    const crm_reply_t *reply, crm_error_t *err);

#endif
