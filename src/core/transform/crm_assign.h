/*
 * Assignment rules: who gets a record that is created.
 *
 * Of a CRM module's rules one is asked: the one that the request names by its
 * lar_id, else, where it asks for assignment rules, the first of them, else the
 * first that always runs. Of that rule the first entry counts whose criteria
 * the record meets. Where nobody of an entry can take the record, and where no
 * entry matches, the default assignee gets it; where there is none either, the
 * record stays without.
 *
 * Who owns the record is known before it is judged, so that all rules see it.
 * Where several take turns, whose turn it is knows Redis alone:
 *
 *     crm_assign(&assigned, write)                who may get it
 *     crm_assign_turn(&assigned, write, member)   if assigned.turns: whose turn
 *                                                 it is
 *     write->assigned = &assigned
 *     crm_event_judge()
 *
 * A record that names its owner keeps it (spec: explicit owner wins, U19).
 */

#ifndef CRM_ASSIGN_H
#define CRM_ASSIGN_H

#include "rules/crm_assignment.h"
#include "rules/crm_who.h"
#include "transform/crm_change.h"
#include "transform/crm_effects.h"


typedef struct crm_assigned_s {
    const crm_assignment_t        *rule;
    const crm_assignment_entry_t  *entry;   /* NULL: the default assignee */
    unsigned                       index;   /* 1-based, of entry; 0: none */
    crm_who_t                      who;     /* active members of the entry */
    crm_str_t                      turns;   /* whose turns they are: a name;
                                               empty: nobody takes turns */
    long long                      taken;   /* which of the turns that begin
                                               took; -1: none */
    crm_str_t                      owner;   /* a user's id; empty: nobody */
    const char                    *reason;  /* why the one it was meant for did
                                               not get it; NULL: did */
} crm_assigned_t;


/* Who may get the record of write, which is initialised. CRM_DECLINED: no rule
 * asks; CRM_ENOMEM. */
crm_status_t crm_assign(crm_assigned_t *assigned, const crm_write_t *write);

/* It is the turn of that member of assigned->who; below 0: there is nobody who
 * may get it. */
void crm_assign_turn(crm_assigned_t *assigned, const crm_write_t *write,
    long long member);

/* All of that where nobody's turn is known: sets write->assigned, if a rule
 * asks, and it is the first one's turn. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_assign_suppose(crm_write_t *write);

/*
 * Lays write->assigned into the write: its request has the owner, its images
 * are built again, changes tell it. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_assign_lay(crm_write_t *write, crm_changes_t *changes);

/* What follows it, if the write is done: the turn is used, the new owner has a
 * task. CRM_OK; CRM_ENOMEM; CRM_ELIMIT. */
crm_status_t crm_assign_follow(crm_effects_t *effects,
    const crm_write_t *write);

/* The reason that is that word. CRM_DECLINED: there is none. */
crm_status_t crm_assign_reason(const char **reason, crm_str_t word);

/* "assignment:RULE:1": whose turns those of an entry are. Data is NULL without
 * memory. */
crm_str_t crm_assign_turns(const crm_assignment_t *rule, unsigned index,
    crm_pool_t *pool);

#endif
