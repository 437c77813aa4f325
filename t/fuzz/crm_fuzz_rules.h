/*
 * A rule set that uses what the rule language has, for targets that need a
 * write: every kind of trigger, every escape of a merge field, values that are
 * merged, copied and fixed, a lock, a rule in shadow, one that runs once.
 */

#ifndef CRM_FUZZ_RULES_H
#define CRM_FUZZ_RULES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/crm_plan.h"


#define FUZZ_REVISION  7
#define FUZZ_EVENT     CRM_STR("01JD0000000000000000000000")
#define FUZZ_NOW       1795305600000LL

/* quotes stand for double quotes */
#define FUZZ_RULE(name, when, more)                                           \
    "{'object':{'kind':'workflow_rule','name':'" name "','module':'Leads',"   \
    "'execute_when':{" when "}," more "}},"
#define FUZZ_HOOK(name, more)                                                 \
    "{'object':{'kind':'webhook','name':'" name "','module':'Leads'," more    \
    "}},"
#define FUZZ_ALWAYS(actions)                                                  \
    "'conditions':[{'criteria':null,'instant_actions':[" actions "]}]"
#define FUZZ_SET(field, value)                                                \
    "{'type':'field_updates','field':'" field "','value':" value "}"
#define FUZZ_CALL(name)  "{'type':'webhooks','name':'" name "'}"

static const char  fuzz_bundle[] =
    "{'v':1,'org':'acme','objects':["
    "{'object':{'kind':'profile','name':'Standard'}},"
    "{'object':{'kind':'user','id':'u1','name':'Ann Lee','email':"
    "'ann@example.test','profile':'Standard','status':'active'}},"
    FUZZ_RULE("big", "'type':'create_or_edit','details':{'repeat':true}",
        "'conditions':[{'criteria':{'group_operator':'AND','group':["
        "{'field':'Amount','comparator':'greater_equal','value':100},"
        "{'field':'Owner','comparator':'equal','value':{'id':'7'}}]},"
        "'instant_actions':[" FUZZ_SET("Priority", "'High'") ","
        FUZZ_CALL("json") "]},{'criteria':{'field':'Tags','comparator':"
        "'in','value':['a','b']},'instant_actions':["
        FUZZ_SET("Copy", "{'field':'Amount'}") "," FUZZ_CALL("form") "]},"
        "{'criteria':null,'instant_actions':[" FUZZ_CALL("xml") "]}]")
    FUZZ_RULE("once", "'type':'create_or_edit','details':{'repeat':false}",
        FUZZ_ALWAYS(FUZZ_CALL("text") ","
                    FUZZ_SET("Note", "{'merge':'<${!Leads.Name}> "
                             "${OLD!Leads.Stage|none}'}")))
    FUZZ_RULE("moved", "'type':'field_update','details':{'match_all':false,"
        "'criteria':{'field':'Stage','comparator':'equal','value':"
        "'${ANYVALUE}'}}", FUZZ_ALWAYS(FUZZ_CALL("json")))
    FUZZ_RULE("made", "'type':'create'", FUZZ_ALWAYS(FUZZ_CALL("json")))
    FUZZ_RULE("gone", "'type':'delete'", FUZZ_ALWAYS(FUZZ_CALL("form")))
    FUZZ_RULE("seen", "'type':'edit'", "'status':'shadow',"
        FUZZ_ALWAYS(FUZZ_CALL("text")))
    FUZZ_HOOK("json", "'url':'https://h.example.test/${!Leads.Name}?o="
        "${!Leads.Owner.id|none}','headers':{'X-Name':'${!Leads.Name}'},"
        "'secret':'env:S','body':{'type':'raw','format':'JSON','content':"
        "'{\\u0022n\\u0022:\\u0022${!Leads.Name}\\u0022,\\u0022was\\u0022:"
        "\\u0022${OLD!Leads.Stage}\\u0022}'}")
    FUZZ_HOOK("form", "'url':'https://h.example.test/','http_method':'PUT',"
        "'body':{'type':'form_data','parameters':{'n':'${!Leads.Name}',"
        "'id':'${!Leads.id}'}}")
    FUZZ_HOOK("xml", "'url':'https://h.example.test/','ordered':true,"
        "'body':{'type':'raw','format':'XML','content':"
        "'<n a=\\u0022${!Leads.Amount}\\u0022>${!Leads.Name}</n>'}")
    FUZZ_HOOK("text", "'url':'https://h.example.test/','body':{'type':'raw',"
        "'format':'Text','content':'${!Leads.Name} ${!Leads.Tags}'}")
    "{'object':{'kind':'record_locking','module':'Leads','lock_type':"
    "'automatic','locking_rules':[{'name':'closed','criteria':{'field':"
    "'Stage','comparator':'equal','value':'Closed'}},{'name':'frozen',"
    "'lock_existing_records':true,'criteria':{'field':'Stage','comparator':"
    "'equal','value':'Frozen'}}],'excluded_fields':['Note'],"
    "'restricted_actions':['update','delete']}}]}";


/* The rule set of them; the target's own mistake when there is none. */
static inline crm_ruleset_t *
fuzz_rules(void)
{
    char             text[sizeof(fuzz_bundle)];
    size_t           i;
    json_t          *bundle;
    crm_pool_t      *pool;
    crm_ruleset_t   *rules;
    crm_findings_t   findings;

    for (i = 0; i < sizeof(fuzz_bundle); i++) {
        text[i] = fuzz_bundle[i] == '\'' ? '"' : fuzz_bundle[i];
    }

    pool = crm_pool_create(crm_host_malloc(), 0);
    bundle = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    if (pool == NULL || bundle == NULL) {
        abort();
    }

    crm_findings_init(&findings, pool);
    rules = crm_ruleset_create(bundle, FUZZ_REVISION, crm_host_malloc(),
                               &findings);

    for (i = 0; rules == NULL && i < findings.count; i++) {
        fprintf(stderr, "%s: %s\n", findings.items[i].path,
                findings.items[i].message);
    }

    json_decref(bundle);
    crm_pool_destroy(pool);

    if (rules == NULL) {
        abort();
    }

    return rules;
}


/*
 * The write of request over before, judged, allowed and finished; 0 when a
 * text is no record, the write is refused, or the pool is used up. A request
 * that is empty deletes, an empty before creates.
 */
static inline int
fuzz_event(crm_event_t *event, crm_write_t *w, const crm_ruleset_t *rules,
    crm_str_t module, crm_record_t records[2], const crm_str_t text[2],
    crm_pool_t *pool)
{
    size_t  i;

    memset(w, 0, sizeof(crm_write_t));

    for (i = 0; i < 2; i++) {
        if (text[i].len
            && crm_record_parse(&records[i], text[i], NULL, pool, NULL)
               != CRM_OK)
        {
            return 0;
        }
    }

    w->rules = rules;
    w->module = crm_ruleset_module(rules, module);
    w->dialect = crm_dialect_find(CRM_STR("zoho"));
    w->operation = text[0].len == 0 ? CRM_OP_DELETE
                   : text[1].len == 0 ? CRM_OP_CREATE : CRM_OP_UPDATE;
    w->org = CRM_STR("acme");
    w->event = FUZZ_EVENT;
    w->record_id = w->operation == CRM_OP_CREATE ? CRM_STR("")
                                                 : CRM_STR("42");
    w->actor = crm_ruleset_actor(rules, CRM_STR("u1"));
    w->now_ms = FUZZ_NOW;
    w->workflow = 1;
    w->run = CRM_RUN_ALL;
    w->absent_is_null = crm_dialect_absent_is_null(w->dialect);
    w->request = text[0].len ? &records[0] : NULL;
    w->before = text[1].len ? &records[1] : NULL;

    return w->module != NULL
           && crm_write_init(w, pool) == CRM_OK
           && crm_event_judge(event, w) == CRM_OK
           && event->verdict.kind == CRM_REFUSE_NONE
           && crm_event_finish(event, CRM_STR("42")) == CRM_OK;
}

#endif
