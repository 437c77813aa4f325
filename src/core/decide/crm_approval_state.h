/*
 * Where a record stands in an approval process, as Redis holds it.
 *
 * The field "approval" of the record's hash (docs/redis.md), a JSON object:
 *
 *   {"state":"waiting"|"approved"|"rejected", "process", "rule":1..,
 *    "revision", "mode":"anyone"|"everyone"|"sequential", "level":1..,
 *    "approvers":[[ids of level 1], ...],
 *    "given":[ids that have agreed at this level],
 *    "submitter", "owner", "at":ms, "event", "decided":ms (0: it waits),
 *    "history":[{"action","user","at","comments","level","to"}]}
 *
 * No such field: the record is in no process. The history is its last
 * CRM_APPROVAL_HISTORY_MAX entries.
 */

#ifndef CRM_APPROVAL_STATE_H
#define CRM_APPROVAL_STATE_H

#include "base/crm_buf.h"
#include "rules/crm_approval.h"
#include "rules/crm_who.h"


#define CRM_APPROVAL_HISTORY_MAX  50

typedef enum {
    CRM_APPROVAL_NONE = 0,
    CRM_APPROVAL_WAITING,
    CRM_APPROVAL_APPROVED,
    CRM_APPROVAL_REJECTED
} crm_approval_status_t;

/* What somebody did. */
typedef struct {
    crm_str_t   action;         /* submitted, approved, rejected, delegated,
                                   resubmitted */
    crm_str_t   user;
    long long   at_ms;
    crm_str_t   comments;
    crm_str_t   to;             /* of delegated: to whom */
    unsigned    level;
} crm_approval_entry_t;

typedef struct {
    crm_approval_status_t   status;
    crm_str_t               process;
    unsigned                rule;           /* 1-based, in its process */
    long long               revision;       /* that submitted it */
    crm_approval_mode_t     mode;
    unsigned                level;          /* 1-based; that decides next */
    crm_who_t              *levels;
    size_t                  levels_count;
    crm_who_t               given;
    crm_str_t               submitter;
    crm_str_t               owner;          /* at the submission; or empty */
    long long               at_ms;          /* of the submission */
    crm_str_t               event;
    long long               decided_ms;     /* 0: it waits */
    crm_approval_entry_t   *history;        /* the oldest first */
    size_t                  history_count;
} crm_approval_state_t;


/* How a state is written: by crm_approval_status_t, by crm_approval_mode_t;
 * NULL ends each. */
extern const char *const  crm_approval_statuses[];
extern const char *const  crm_approval_modes[];

/* "waiting", ...; "" of none. */
const char *crm_approval_state_name(crm_approval_status_t status);

/*
 * Reads text; an empty one is CRM_APPROVAL_NONE. Strings are the pool's.
 * CRM_EINVAL: it is not what we write, and what holds the record is not known;
 * CRM_ENOMEM.
 */
crm_status_t crm_approval_state_parse(crm_approval_state_t *state,
    crm_str_t text, crm_pool_t *pool);

/* Writes one that is not NONE. */
void crm_approval_state_encode(crm_buf_t *buf,
    const crm_approval_state_t *state);

/* Whether id is one of them. */
int crm_approval_state_lists(const crm_who_t *who, crm_str_t id);

/* Adds an entry behind the others, and forgets the oldest where there are too
 * many. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_approval_state_note(crm_approval_state_t *state,
    const crm_approval_entry_t *entry, crm_pool_t *pool);

#endif
