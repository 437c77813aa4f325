/*
 * Recipients of mail: who the parties of an email_notification are for one
 * record, as addresses.
 *
 * Users are those of the rule set; who is inactive or has no address gets no
 * mail. Somebody who was meant and cannot be reached is missed, with a
 * sentence: an owner that the rules do not know, an address that is none. An
 * empty field names nobody, which is no mistake.
 */

#ifndef CRM_RECIPIENT_H
#define CRM_RECIPIENT_H

#include "record/crm_record.h"
#include "rules/crm_ruleset.h"


/* A mail to more is refused: what people mean by a role or a group. */
#define CRM_RECIPIENT_MAX  500

typedef struct {
    crm_str_t  *to;             /* addresses, each once, in rule order */
    size_t      to_count;
    crm_str_t  *missed;         /* sentences without a full stop */
    size_t      missed_count;
    int         too_many;       /* above CRM_RECIPIENT_MAX: not all are here */
} crm_recipients_t;


/* For which record, and who acts. */
typedef struct {
    const crm_record_t  *record;        /* after the write; or NULL */
    crm_str_t            owner_field;   /* of it */
    crm_str_t            actor_id;      /* may be empty */
} crm_recipients_near_t;

/*
 * Who email goes to. Borrows the rule set and the record. CRM_OK or
 * CRM_ENOMEM.
 */
crm_status_t crm_recipients_find(crm_recipients_t *recipients,
    const crm_email_t *email, const crm_ruleset_t *rules,
    const crm_recipients_near_t *near, crm_pool_t *pool);

/* The field of the record that a recipient follows from; empty: none. */
crm_str_t crm_recipient_field(const crm_party_t *party,
    crm_str_t owner_field);

#endif
