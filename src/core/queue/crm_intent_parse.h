/*
 * An intent being read back: the document, one of its records, its members.
 * Private to crm_intent_parse.c, crm_intent_parse_record.c and
 * crm_intent_member.c.
 */

#ifndef CRM_INTENT_PARSE_H
#define CRM_INTENT_PARSE_H

#include "queue/crm_intent.h"


typedef struct {
    crm_intent_t       *intent;
    long long           version;
    const crm_record_t *doc;        /* or one of its records */
    crm_pool_t         *pool;
    crm_error_t        *err;
} crm_intent_parse_t;


/* All: CRM_EINVAL with *err naming the member, CRM_ENOMEM. */

/* ---- records (crm_intent_parse_record.c) ---- */

/* One of several: what the client said of this record alone, if anything. */
crm_status_t crm_intent_parse_own(crm_intent_parse_t *p);

/* What the intent has of each record. */
crm_status_t crm_intent_parse_record(crm_intent_parse_t *p);


/* ---- members (crm_intent_member.c) ---- */

/* One that must be there; a text; a whole number. */
crm_status_t crm_intent_member(crm_intent_parse_t *p, const char *name,
    crm_span_t *value);
crm_status_t crm_intent_member_text(crm_intent_parse_t *p, const char *name,
    crm_str_t *text);
crm_status_t crm_intent_member_integer(crm_intent_parse_t *p,
    const char *name, long long *n);

/* An object, or NULL for null. */
crm_status_t crm_intent_member_record(crm_intent_parse_t *p,
    const char *name, const crm_record_t **record);

/* The fields of an object span. */
crm_status_t crm_intent_member_object(crm_intent_parse_t *p,
    crm_record_t *record, crm_span_t value);

/* Whether it is a whole number: digits, no more than any time or revision
 * has. */
int crm_intent_member_number(crm_span_t value, long long *n);

/* Return CRM_ENOMEM, and CRM_EINVAL: name must be what. */
crm_status_t crm_intent_member_nomem(crm_intent_parse_t *p);
crm_status_t crm_intent_member_wrong(crm_intent_parse_t *p, const char *name,
    const char *what);

#endif
