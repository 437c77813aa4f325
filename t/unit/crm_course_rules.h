/*
 * A blueprint for tests, and a write of a record that it leads.
 */

#ifndef CRM_COURSE_RULES_H
#define CRM_COURSE_RULES_H

#include "crm_rules_make.h"


#define PEOPLE                                                                \
    "{'kind':'profile','name':'Standard'},"                                   \
    "{'kind':'profile','name':'Over','permissions':['blueprint_override']},"  \
    "{'kind':'role','name':'Sales Rep'},"                                     \
    "{'kind':'user','id':'rep','profile':'Standard','role':'Sales Rep'},"     \
    "{'kind':'user','id':'clerk','profile':'Standard'},"                      \
    "{'kind':'user','id':'over','profile':'Over'},"

#define HOOK                                                                  \
    "{'kind':'webhook','name':'erp','module':'Deals',"                        \
    "'url':'https://erp.example.test/x'},"

#define PIPELINE(more)                                                        \
    PEOPLE HOOK                                                               \
    "{'kind':'blueprint','name':'Pipeline','module':'Deals','field':'Stage'"  \
    more ",'states':[{'name':'Won'}],'transitions':["                         \
    "{'id':'propose','name':'Send','from':['New'],'to':'Proposal',"           \
    "'before':{'owners':[{'type':'role','name':'Sales Rep'}],"                \
    "'criteria':{'field':'Frozen','comparator':'not_equal','value':true}},"   \
    "'during':{'fields':[{'field':'Amount','required':true,'criteria':"       \
    "{'field':'Amount','comparator':'greater_than','value':0},'message':"     \
    "'More than nothing.'},{'field':'Note','required':true}]},"               \
    "'after':[{'type':'webhooks','name':'erp'}]},"                            \
    "{'id':'win','name':'Win','from':['Proposal'],'to':'Won'},"               \
    "{'id':'lose','name':'Lose','from':['*'],'to':'Lost'}]}"

#define IN(state)                                                             \
    "{'blueprint':'Pipeline','state':'" state "','since':1,'transition':"     \
    "null,'event':'e0'}"

#define NEW                                                                   \
    "{'id':'42','Stage':'New','Amount':5,'Note':null,'Frozen':false}"

#define AUTO  ",'blueprint_auto_transition':true"


/* Such a write, initialised; kept is what Redis has of the record's course. */
static inline crm_write_t *
crm_course_given(crm_pool_t *pool, const crm_ruleset_t *rules,
    const char *who, const char *kept, const char *request,
    const char *before)
{
    crm_write_t  *w;
    crm_state_t  *redis;

    w = crm_make_given(pool, rules, "Deals", request, before);
    w->actor = crm_ruleset_actor(rules, crm_strz(who));

    redis = crm_pool_calloc(pool, 1, sizeof(crm_state_t));
    assert_non_null(redis);

    if (kept) {
        redis->blueprint = crm_make_text(pool, kept);
    }

    w->state = redis;
    assert_int_equal(crm_write_init(w, pool), CRM_OK);

    return w;
}

#endif
