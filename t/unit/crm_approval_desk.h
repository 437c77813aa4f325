/*
 * A desk for tests of approvals: one record of a module M whose field D says
 * what it enters, the people around it, writes and decisions, and what a
 * commit would keep of each.
 */

#ifndef CRM_APPROVAL_DESK_H
#define CRM_APPROVAL_DESK_H

#include "crm_rules_make.h"
#include "decide/crm_approval_move.h"
#include "transform/crm_call.h"


#define USER(id, profile, more)                                               \
    "{'kind':'user','id':'" id "','name':'U" id "','profile':'" profile "'"   \
    more "},"
#define DIRECTOR  ",'role':'Director'"
#define OFF       ",'role':'Gone','status':'inactive'"
#define GONE      "{'type':'role','name':'Gone'}"
#define BY(id)    "{'type':'user','id':'" id "'}"

#define PEOPLE                                                                \
    "{'kind':'profile','name':'S','permissions':[]},"                         \
    "{'kind':'profile','name':'Administrator','permissions':[]},"             \
    "{'kind':'role','name':'Director'},{'kind':'role','name':'Gone'},"        \
    USER("1", "S", "") USER("2", "S", "") USER("3", "S", DIRECTOR)            \
    USER("4", "S", DIRECTOR) USER("5", "S", "") USER("6", "S", OFF)           \
    USER("7", "Administrator", "")

#define PROCESS(name, seq, more, over, mode, approvers)                       \
    "{'kind':'approval_process','name':'" name "','module':'M',"              \
    "'sequence':" seq ",'execute_when':'create_or_edit'" more ",'rules':[{"   \
    "'criteria':{'field':'D','comparator':'greater_than','value':" over "},"  \
    "'approvers':[" approvers "],'approval_mode':'" mode "',"                 \
    "'on_submit':[{'type':'add_tags','tags':['s']}],"                         \
    "'on_approve':[{'type':'add_tags','tags':['a']}],"                        \
    "'on_reject':[{'type':'add_tags','tags':['r']}]}]}"

#define RULES                                                                 \
    PEOPLE                                                                    \
    PROCESS("big", "1", ",'editable_fields':['N'],'administrators':['5']",    \
            "50", "sequential",                                               \
            BY("2") ",{'type':'role','name':'Director'}") ","                 \
    PROCESS("all", "2", "", "20", "everyone", BY("2") "," BY("3")) ","        \
    PROCESS("any", "3", "", "10", "anyone",                                   \
            BY("2") "," GONE "," BY("4"))

/* What is known of the one record, as if Redis held it. */
typedef struct {
    crm_pool_t           *pool;         /* of all */
    const crm_ruleset_t  *rules;
    char                  text[32768];
    long long             d;            /* its field D */
    long long             now_ms;
    crm_refusal_kind_t    refused;      /* of the last step */
    size_t                steps;        /* that it has begun */
    crm_stage_t           stage;        /* the last of them */
    crm_approval_state_t  state;
    crm_str_t             answer;
} desk_t;


static inline crm_write_t *
desk_write(desk_t *desk, crm_pool_t *pool, const char *user,
    const char *request)
{
    char          before[128];
    crm_write_t  *w;
    crm_state_t  *state;

    snprintf(before, sizeof(before), "{'id':'42','Owner':{'id':'1'},"
             "'D':%lld,'N':'x'}", desk->d);

    w = crm_make_given(pool, desk->rules, "M", request, before);
    state = crm_pool_calloc(pool, 1, sizeof(crm_state_t));
    assert_non_null(state);
    state->approval = crm_strz(desk->text);

    w->state = state;
    w->now_ms = desk->now_ms;
    w->actor = crm_ruleset_actor(desk->rules, crm_strz(user));
    w->record_id = CRM_STR("42");

    return w;
}


/* What a commit would keep. */
static inline void
desk_keep(desk_t *desk, const crm_cmd_change_t *changes, size_t n)
{
    size_t        i;
    crm_status_t  rc;

    for (i = 0; i < n; i++) {
        if (!crm_str_is(changes[i].field, "approval")) {
            continue;
        }

        assert_true(changes[i].value.len < sizeof(desk->text));
        snprintf(desk->text, sizeof(desk->text), "%.*s",
                 (int) changes[i].value.len,
                 changes[i].value.len ? changes[i].value.data : "");
    }

    rc = crm_approval_state_parse(&desk->state, crm_strz(desk->text),
                                  desk->pool);
    assert_int_equal(rc, CRM_OK);
}


/* user writes; the record is as D says if nothing keeps it. */
static inline crm_refusal_kind_t
desk_edit(desk_t *desk, const char *user, const char *request, long long d)
{
    crm_pool_t   *pool;
    crm_event_t   event;
    crm_write_t  *w;

    pool = crm_test_pool();
    w = desk_write(desk, pool, user, request);
    assert_int_equal(crm_write_init(w, pool), CRM_OK);
    assert_int_equal(crm_event_judge(&event, w), CRM_OK);

    desk->refused = event.verdict.kind;
    desk->steps = event.effects.steps_count;

    if (desk->refused == CRM_REFUSE_NONE) {
        desk->d = d >= 0 ? d : desk->d;
        desk_keep(desk, event.effects.changes, event.effects.changes_count);
        desk->stage = desk->steps
                      ? event.effects.steps[desk->steps - 1].stage
                      : CRM_STAGE_AFTER;
    }

    crm_pool_destroy(pool);

    return desk->refused;
}


static inline crm_refusal_kind_t
desk_call(desk_t *desk, const char *user, crm_call_kind_t kind,
    const char *to)
{
    crm_pool_t    *pool;
    crm_call_t     call;
    crm_write_t   *w;
    crm_called_t   called;

    pool = crm_test_pool();
    memset(&call, 0, sizeof(crm_call_t));
    call.kind = kind;
    call.user = crm_strz(to);
    call.comments = CRM_STR("so");
    call.vendor = 1;

    w = desk_write(desk, pool, user, NULL);
    w->operation = CRM_OP_ACTION;
    w->call = &call;
    assert_int_equal(crm_write_init(w, pool), CRM_OK);
    assert_int_equal(crm_call_judge(&called, w), CRM_OK);

    desk->refused = called.verdict.kind;
    desk->steps = called.effects.steps_count;

    if (desk->refused == CRM_REFUSE_NONE) {
        desk_keep(desk, called.effects.changes, called.effects.changes_count);
        desk->stage = desk->steps ? called.effects.steps[desk->steps - 1].stage
                                  : CRM_STAGE_AFTER;
        desk->answer = crm_pool_dup(desk->pool, called.answer);
    }

    crm_pool_destroy(pool);

    return desk->refused;
}


static inline void
desk_open(desk_t *desk, const char *rules)
{
    memset(desk, 0, sizeof(desk_t));
    desk->pool = crm_test_pool();
    desk->rules = crm_make_rules(rules);
    desk->now_ms = 1800000000000LL;
}


static inline void
desk_close(desk_t *desk)
{
    crm_ruleset_release((crm_ruleset_t *) desk->rules);
    crm_pool_destroy(desk->pool);
}

#endif
