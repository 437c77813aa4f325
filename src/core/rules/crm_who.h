/*
 * Whom a party stands for: users, by id.
 *
 * Users who are inactive are nobody. crm_who() answers as far as the rules
 * alone know it, for mail and tasks; the others also look at a record and at
 * who acts, for gates: there, who is not among the users of the rules is
 * nobody either.
 */

#ifndef CRM_WHO_H
#define CRM_WHO_H

#include "rules/crm_ruleset.h"


typedef struct {
    crm_str_t  *ids;            /* in the order of the documents */
    size_t      count;
} crm_who_t;

/* What a record and a request add to the rules. */
typedef struct {
    crm_str_t     owner;        /* id of the record's owner; empty: unknown */
    crm_str_t     actor;        /* id of who acts; empty: unknown */
    crm_str_t   (*field)(void *data, crm_str_t name);   /* the id in that field
                                   of the record, or empty; may be NULL */
    void         *data;         /* of field */
} crm_who_near_t;


/* Whether id is a user of the rules who is inactive; one that they do not know
 * may well be active. */
int crm_who_is_inactive(const crm_ruleset_t *rules, crm_str_t id);

/* The user of that id, or NULL for one who is unknown or inactive. */
const crm_user_t *crm_who_active(const crm_ruleset_t *rules, crm_str_t id);

/* Whether that user's profile has all of permits (CRM_PERMIT_...). */
int crm_who_may(const crm_ruleset_t *rules, crm_str_t id, unsigned permits);

/* The role so many levels above role: empty where the hierarchy ends before
 * that. Levels beyond CRM_MAX_ROLE_DEPTH lead nowhere, in a circle too. */
crm_str_t crm_who_above(const crm_ruleset_t *rules, crm_str_t role,
    long long levels);

/*
 * The active users of a party of type USER, ROLE, GROUP, PROFILE or
 * ROUND_ROBIN; nobody for one of another. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_who(crm_who_t *who, const crm_ruleset_t *rules,
    const crm_party_t *party, crm_pool_t *pool);

/*
 * The active users of all parties together, of every type but ADDRESS and
 * ASSIGNMENT_RULE (nobody): each once, in the order of the parties. A manager
 * is everybody whose role is the one that the owner's role reports to.
 * CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_who_all(crm_who_t *who, const crm_ruleset_t *rules,
    const crm_party_t *parties, size_t count, const crm_who_near_t *near,
    crm_pool_t *pool);

/* Whether the user id is one of those, in time and memory that do not depend
 * on how many they are. */
int crm_who_is(const crm_ruleset_t *rules, const crm_party_t *parties,
    size_t count, const crm_who_near_t *near, crm_str_t id);

#endif
