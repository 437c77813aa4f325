/*
 * A write as it is judged: one record of one request, with everything that the
 * steps decide and transform look at.
 *
 * The host fills the first part; crm_write_init() makes the second. The same
 * struct serves nginx, crmctl eval and recovery.
 */

#ifndef CRM_WRITE_H
#define CRM_WRITE_H

#include "rules/crm_ruleset.h"
#include "state/crm_chain.h"
#include "state/crm_state.h"


/* Who acts where automation writes itself; it has no profile. */
#define CRM_AUTOMATION  CRM_STR("automation")

typedef struct crm_call_s  crm_call_t;      /* crm_call_kind.h */

typedef struct {
    const crm_ruleset_t  *rules;
    const crm_module_t   *module;       /* rules of the record's CRM module */
    crm_operation_t       operation;
    crm_str_t             action;       /* of ACTION: its name */
    unsigned              does;         /* and CRM_RESTRICT_... of it */
    crm_str_t             org;
    crm_str_t             event;
    crm_str_t             record_id;    /* empty on create */
    crm_actor_t           actor;
    long long             now_ms;
    int                   workflow;     /* 0: the client switched it off */
    unsigned              run;          /* CRM_RUN_... that it lets run */
    int                   import;       /* the client says that it imports */
    int                   timed;        /* a date has come, nobody wrote */
    unsigned              apply;        /* CRM_APPLY_... that it asks for, */
    unsigned              skip;         /* CRM_SKIP_... that it asks not for */
    crm_str_t             lar_id;       /* of the assignment rule that it
                                           names; or empty */
    crm_span_t            trigger;      /* the list as sent, for the trace;
                                           CRM_JSON_NONE: there is none */
    const crm_chain_t    *chain;        /* NULL: somebody's own write */
    int                   absent_is_null;
    const crm_dialect_t  *dialect;      /* for the intent, and for what the
                                           backend fills in; or NULL */
    int                   shared;       /* one body writes many records: what
                                           is set is the same in all */
    int                   unasked;      /* nobody will ask the backend for
                                           that: it is empty */
    const crm_record_t   *request;      /* what the client sent; NULL: delete,
                                           action */
    const crm_record_t   *sent;         /* as it stands in the body, where
                                           request is another; or NULL */
    const crm_record_t   *asked;        /* without the owner and the scores
                                           that it has got since; or NULL */
    const crm_record_t   *before;       /* as stored; NULL: there is none */
    const crm_state_t    *state;        /* of the record in Redis, or NULL */
    const crm_call_t     *call;         /* what is asked of the record's lock,
                                           approval, blueprint; or NULL */
    crm_str_t             owner_was;    /* of an escalation: before its first
                                           level; or empty */
    const struct crm_assigned_s  *assigned;     /* who gets the record:
                                           crm_assign.h; NULL: nobody asked */

    crm_pool_t           *pool;
    crm_scope_t           scope;        /* what tokens stand for */
    crm_image_t           stored;       /* by slot, if there is before */
    crm_image_t           after;        /* request laid over it */
    crm_eval_t            stored_eval;
    crm_eval_t            after_eval;
    uint8_t              *changed;      /* by field of request */
    uint8_t              *changed_slot; /* by slot, update */
    size_t                changed_count;
    const crm_workflow_t **stopped;     /* rules that the chain kept from */
    size_t                stopped_count;    /* firing; by who matches them */
    struct crm_scores_s  *scores;       /* what it is worth: crm_score.h; NULL:
                                           nobody counted */
    struct crm_course_s  *course;       /* in a blueprint: crm_course.h, made
                                           by who asks for it */
    crm_map_t            *once;         /* rules that have had their one run,
                                           made by who asks for one of many */
} crm_write_t;


/*
 * Builds images and the changed set: the fields of the request whose value is
 * not that of the before-image. On delete the after-image is the before-image.
 * CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_write_init(crm_write_t *write, crm_pool_t *pool);

/* Whether the rule of that id has had its one run. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_write_once(crm_write_t *write, crm_str_t rule, int *had);

/* A field's value after the write: the request's, else the stored one. */
const crm_field_t *crm_write_field(const crm_write_t *write, crm_str_t name);

/*
 * Whether two values of a field are the same, so that writing the one over the
 * other changes nothing: crm_value_same(), and what the field's declared type
 * adds to it. hash is crm_str_hash(name). CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_write_same(const crm_write_t *write, crm_str_t name,
    uint32_t hash, const crm_value_t *a, const crm_value_t *b, int *same);

#endif
