/*
 * What the guards say of a write: allowed, or refused, why and by whom.
 *
 * A refusal is an answer, not an error. Strings borrow from the rule set and
 * the pool of the write that was judged.
 */

#ifndef CRM_VERDICT_H
#define CRM_VERDICT_H

#include "record/crm_dialect.h"


typedef struct {
    crm_refusal_kind_t  kind;       /* CRM_REFUSE_NONE: allowed */
    const char         *gate;       /* "lock", ...: who refused */
    crm_str_t           rule;
    crm_str_t           reason;     /* a sentence for the client */
    crm_str_t           field;      /* that decided, may be empty */
    crm_str_t           details;    /* more to tell: crm_refusal_t's */
    size_t              limit;      /* of VALUE: how long field may be */
} crm_verdict_t;

#endif
