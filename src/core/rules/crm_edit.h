/*
 * A change of the rules that somebody has sent, with the rights that he has:
 *
 *     {"expected": 7, "message": "…", "managed_by": "…", "epoch": "…",
 *      "bundle": {…}}
 *
 * The bundle is the whole that is to be live instead of revision expected.
 * What it changes says which rights that takes: crm_edit_compare.c. Judged as
 * every process will judge it, by compiling it; for threads, since that takes
 * as long as it takes.
 */

#ifndef CRM_EDIT_H
#define CRM_EDIT_H

#include <jansson.h>

#include "rules/crm_names.h"
#include "rules/crm_ruleset.h"


/* What the history keeps of texts. */
#define CRM_EDIT_MAX_OWNER    64
#define CRM_EDIT_MAX_MESSAGE  1000

typedef enum {
    CRM_EDIT_STORE = 0,         /* bundle and meta are to be stored */
    CRM_EDIT_SAME,              /* it is live, as sent: nothing is to do */
    CRM_EDIT_INVALID,           /* error says what is wrong in it */
    CRM_EDIT_DENIED,            /* error says which right is missing */
    CRM_EDIT_STALE              /* something else is live than was expected */
} crm_edit_end_t;

typedef struct {
    crm_str_t          org;
    crm_str_t          sent;        /* the body */
    crm_str_t          live;        /* the bundle of revision; empty: none */
    long long          revision;    /* that is current */
    crm_str_t          epoch;
    crm_str_t          user;        /* id of who sent it */
    crm_str_t          name;        /* may be empty */
    unsigned           permits;     /* CRM_PERMIT_... that he has */
    long long          now_ms;
} crm_edit_ask_t;

/* Which objects differ, and what it takes to change them. */
typedef struct {
    size_t      added;
    size_t      changed;
    size_t      removed;
    unsigned    permits;            /* CRM_PERMIT_... */
    crm_str_t   workflow;           /* the first that takes that permit, "kind
                                       name"; in the pool */
    crm_str_t   modules;
} crm_edit_changes_t;

typedef struct {
    crm_edit_end_t      end;
    crm_error_t         error;
    long long           expected;
    crm_str_t           bundle;     /* compact JSON */
    crm_str_t           meta;       /* what the history notes of it */
    crm_edit_changes_t  changes;
} crm_edit_t;


/*
 * Fills *edit; texts live in pool, what is compiled is given back to host at
 * once. CRM_OK whatever comes of it, or CRM_ENOMEM.
 */
crm_status_t crm_edit_judge(crm_edit_t *edit, const crm_edit_ask_t *ask,
    const crm_host_t *host, crm_pool_t *pool);

/*
 * What leads from bundle before (or NULL) to bundle after; an object is its
 * kind and its identity. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_edit_compare(crm_edit_changes_t *changes,
    const json_t *before, const json_t *after, crm_pool_t *pool);

/* The right that it takes to change a document of that kind. */
unsigned crm_edit_permit(crm_str_t kind);

#endif
