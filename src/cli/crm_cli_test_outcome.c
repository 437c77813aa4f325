/*
 * The outcome of a write, as tests name its parts, made from its trace
 * document alone: what is asserted is what anybody can read.
 */

#include "crm_cli_test.h"
#include "base/crm_time.h"


static void outcome_verdict(crm_buf_t *buf, crm_span_t trace,
    const char *code);
static void outcome_names(crm_buf_t *buf, const char *key,
    const crm_cli_outcome_t *o, int shadow);
static void outcome_fired(crm_buf_t *buf, crm_span_t trace, int shadow,
    int *n);
static void outcome_reasons(crm_buf_t *buf, const crm_cli_outcome_t *o);
static void outcome_reason(crm_buf_t *buf, crm_span_t rule, const char *name,
    int *n);
static int outcome_came(const crm_cli_outcome_t *o, size_t from,
    crm_span_t name);
static int outcome_timed(crm_span_t trace, crm_span_t name);
static void outcome_marks(crm_buf_t *buf, const crm_str_t *names,
    size_t count);
static void outcome_actions(crm_buf_t *buf, const crm_cli_outcome_t *o);
static void outcome_done(crm_buf_t *buf, crm_span_t trace, const char *list,
    int *n, const crm_cli_later_t *later);
static void outcome_action(crm_buf_t *buf, crm_span_t trace, crm_span_t rule,
    crm_span_t action);
static void outcome_ran(crm_buf_t *buf, crm_span_t trace);
static void outcome_scheduled(crm_buf_t *buf, const crm_cli_outcome_t *o);
static void outcome_waiting(crm_buf_t *buf, const crm_cli_later_t *later,
    const crm_module_t *module);
static void action_update(crm_buf_t *buf, crm_span_t trace, crm_span_t rule,
    crm_span_t action);
static void action_job(crm_buf_t *buf, crm_span_t trace, crm_span_t action);
static void outcome_member(crm_buf_t *buf, const char *key, crm_span_t span);
static crm_span_t member(crm_span_t object, const char *name);
static int same(crm_span_t a, crm_span_t b);


crm_status_t
crm_cli_test_outcome(crm_buf_t *buf, const crm_cli_outcome_t *o)
{
    int         gone;
    crm_span_t  record, trace;

    trace = o->trace;
    record = member(trace, "record");
    gone = trace.type == CRM_JSON_NONE
           || crm_span_is(member(trace, "op"), CRM_STR("delete"));

    outcome_verdict(buf, trace, o->code);
    outcome_names(buf, ",\"fired\":[", o, 0);
    outcome_names(buf, ",\"shadow\":[", o, 1);
    outcome_reasons(buf, o);
    crm_buf_puts(buf, ",\"record\":");
    crm_buf_str(buf, o->stored.len ? o->stored
                     : gone ? CRM_STR("null") : crm_span_raw(record));
    outcome_marks(buf, o->locked_by, o->locked_count);
    outcome_actions(buf, o);
    outcome_scheduled(buf, o);
    outcome_member(buf, ",\"trace\":", trace);
    crm_buf_putc(buf, '}');

    return crm_buf_status(buf);
}


static void
outcome_verdict(crm_buf_t *buf, crm_span_t trace, const char *code)
{
    size_t      cursor;
    crm_span_t  gate, refused;

    memset(&refused, 0, sizeof(crm_span_t));

    for (cursor = 0;
         crm_span_next(member(trace, "gates"), &cursor, NULL, &gate); )
    {
        if (crm_span_is(member(gate, "result"), CRM_STR("refused"))) {
            refused = gate;
        }
    }

    outcome_member(buf, "{\"decision\":", member(trace, "decision"));
    crm_buf_puts(buf, ",\"code\":");

    if (code) {
        crm_buf_json(buf, crm_strz(code));
    } else {
        crm_buf_puts(buf, "null");
    }

    outcome_member(buf, ",\"rule\":", member(refused, "rule_id"));
    outcome_member(buf, ",\"reason\":", member(refused, "detail"));
}


/* The rules that fired, or those in shadow that would have: by themselves
 * first, then with the write. */
static void
outcome_names(crm_buf_t *buf, const char *key, const crm_cli_outcome_t *o,
    int shadow)
{
    int     n;
    size_t  i;

    n = 0;
    crm_buf_puts(buf, key);

    for (i = 0; i < o->laters->ran_count; i++) {
        if (o->laters->ran[i].timer.len) {
            outcome_fired(buf, o->laters->ran[i].trace, shadow, &n);
        }
    }

    outcome_fired(buf, o->trace, shadow, &n);
    crm_buf_putc(buf, ']');
}


static void
outcome_fired(crm_buf_t *buf, crm_span_t trace, int shadow, int *n)
{
    size_t      cursor;
    crm_span_t  rule;

    for (cursor = 0;
         crm_span_next(member(trace, "rules"), &cursor, NULL, &rule); )
    {
        if (member(rule, "reason").type == CRM_JSON_NONE
            && shadow == (member(rule, "mode").type != CRM_JSON_NONE))
        {
            outcome_member(buf, (*n)++ ? "," : "", member(rule, "name"));
        }
    }

    for (cursor = 0; !shadow && crm_span_next(member(trace, "processes"),
                                              &cursor, NULL, &rule); )
    {
        if (crm_span_is(member(rule, "stage"), CRM_STR("level"))) {
            outcome_member(buf, (*n)++ ? "," : "", member(rule, "name"));
        }
    }
}


/* Each rule once: what time has brought last, then why a write leaves nothing
 * for time to bring, then the write itself. */
static void
outcome_reasons(crm_buf_t *buf, const crm_cli_outcome_t *o)
{
    int         n;
    size_t      i, cursor;
    crm_span_t  rule;

    n = 0;
    crm_buf_puts(buf, ",\"not_fired\":{");

    for (i = 0; i < o->laters->ran_count; i++) {
        cursor = 0;

        if (o->laters->ran[i].timer.len
            && crm_span_next(member(o->laters->ran[i].trace, "rules"),
                             &cursor, NULL, &rule)
            && !outcome_came(o, i + 1, member(rule, "name")))
        {
            outcome_reason(buf, rule, "name", &n);
        }
    }

    for (cursor = 0;
         crm_span_next(member(o->trace, "timers"), &cursor, NULL, &rule); )
    {
        if (!outcome_came(o, 0, member(rule, "rule"))) {
            outcome_reason(buf, rule, "rule", &n);
        }
    }

    for (cursor = 0;
         crm_span_next(member(o->trace, "rules"), &cursor, NULL, &rule); )
    {
        if (!outcome_came(o, 0, member(rule, "name"))
            && !outcome_timed(o->trace, member(rule, "name")))
        {
            outcome_reason(buf, rule, "name", &n);
        }
    }

    crm_buf_putc(buf, '}');
}


static void
outcome_reason(crm_buf_t *buf, crm_span_t rule, const char *name, int *n)
{
    if (member(rule, "reason").type != CRM_JSON_NONE) {
        outcome_member(buf, (*n)++ ? "," : "", member(rule, name));
        outcome_member(buf, ":", member(rule, "reason"));
    }
}


/* Whether a timer of that rule has come, at from or behind it. */
static int
outcome_came(const crm_cli_outcome_t *o, size_t from, crm_span_t name)
{
    size_t      i, cursor;
    crm_span_t  rule;

    for (i = from; i < o->laters->ran_count; i++) {
        cursor = 0;

        if (o->laters->ran[i].timer.len
            && crm_span_next(member(o->laters->ran[i].trace, "rules"),
                             &cursor, NULL, &rule)
            && same(member(rule, "name"), name))
        {
            return 1;
        }
    }

    return 0;
}


/* Whether the write says why time will not bring the rule. */
static int
outcome_timed(crm_span_t trace, crm_span_t name)
{
    size_t      cursor;
    crm_span_t  timer;

    for (cursor = 0;
         crm_span_next(member(trace, "timers"), &cursor, NULL, &timer); )
    {
        if (member(timer, "reason").type != CRM_JSON_NONE
            && same(member(timer, "rule"), name))
        {
            return 1;
        }
    }

    return 0;
}


/* The locking rules that the record matches now. */
static void
outcome_marks(crm_buf_t *buf, const crm_str_t *names, size_t count)
{
    crm_buf_puts(buf, ",\"locked_by\":");
    crm_buf_json_list(buf, names, count);
}


/* What has come due, then those of rules that fired; those in shadow do
 * nothing. */
static void
outcome_actions(crm_buf_t *buf, const crm_cli_outcome_t *o)
{
    int                     n;
    size_t                  i;
    const crm_cli_later_t  *later;

    n = 0;
    crm_buf_puts(buf, ",\"actions\":[");

    for (i = 0; i < o->laters->ran_count; i++) {
        later = &o->laters->ran[i];

        if (later->timer.len) {
            outcome_done(buf, later->trace, "rules", &n, later);
            outcome_done(buf, later->trace, "processes", &n, later);

        } else {
            crm_buf_puts(buf, n++ ? "," : "");
            outcome_ran(buf, later->trace);
        }
    }

    outcome_done(buf, o->trace, "rules", &n, NULL);
    crm_buf_putc(buf, ']');
}


/* later: the timer that has come; or NULL. */
static void
outcome_done(crm_buf_t *buf, crm_span_t trace, const char *list, int *n,
    const crm_cli_later_t *later)
{
    char        due[CRM_TIME_ISO_LEN + 1];
    size_t      i, k;
    crm_span_t  rule, action;

    for (i = 0; crm_span_next(member(trace, list), &i, NULL, &rule); ) {
        if (member(rule, "mode").type != CRM_JSON_NONE) {
            continue;
        }

        for (k = 0;
             crm_span_next(member(rule, "actions"), &k, NULL, &action); )
        {
            crm_buf_puts(buf, (*n)++ ? "," : "");
            outcome_action(buf, trace, rule, action);

            if (later) {
                crm_buf_puts(buf, ",\"due\":");
                crm_buf_json(buf, crm_time_iso(due, later->due_ms));
            }

            crm_buf_putc(buf, '}');
        }
    }
}


/* {type, rule}, and what the action is: a field and its value, or the action
 * of the job as its worker gets it. */
static void
outcome_action(crm_buf_t *buf, crm_span_t trace, crm_span_t rule,
    crm_span_t action)
{
    outcome_member(buf, "{\"type\":", member(action, "type"));
    outcome_member(buf, ",\"rule\":", member(rule, "name"));
    outcome_member(buf, ",\"state\":", member(action, "state"));

    action_update(buf, trace, rule, action);
    action_job(buf, trace, action);
}


/* The document of what has come due holds the one action. */
static void
outcome_ran(crm_buf_t *buf, crm_span_t trace)
{
    size_t      cursor;
    crm_span_t  rule, block, action;

    memset(&rule, 0, sizeof(crm_span_t));
    memset(&block, 0, sizeof(crm_span_t));
    memset(&action, 0, sizeof(crm_span_t));

    cursor = 0;
    (void) crm_span_next(member(trace, "rules"), &cursor, NULL, &rule);
    cursor = 0;
    (void) crm_span_next(member(rule, "scheduled"), &cursor, NULL, &block);
    cursor = 0;
    (void) crm_span_next(member(block, "actions"), &cursor, NULL, &action);

    outcome_action(buf, trace, rule, action);
    outcome_member(buf, ",\"due\":", member(block, "due"));
    crm_buf_putc(buf, '}');
}


/* What waits still, whichever write has scheduled it. */
static void
outcome_scheduled(crm_buf_t *buf, const crm_cli_outcome_t *o)
{
    size_t  i;

    crm_buf_puts(buf, ",\"scheduled\":[");

    for (i = 0; i < o->laters->count; i++) {
        crm_buf_puts(buf, i ? "," : "");
        outcome_waiting(buf, &o->laters->waiting[i], o->module);
    }

    crm_buf_putc(buf, ']');
}


static void
outcome_waiting(crm_buf_t *buf, const crm_cli_later_t *later,
    const crm_module_t *module)
{
    char        due[CRM_TIME_ISO_LEN + 1];
    size_t      i;
    crm_span_t  rule, name;

    rule = member(later->job, "rule");

    outcome_member(buf, "{\"type\":", member(later->job, "type"));

    if (later->timer.len) {
        outcome_member(buf, ",\"rule\":",
                       member(member(later->job, "action"), "name"));
    }

    for (i = 0; later->timer.len == 0 && i < module->workflows_count; i++) {
        if (crm_span_is(rule, module->workflows[i]->id)) {
            crm_buf_puts(buf, ",\"rule\":");
            crm_buf_json(buf, module->workflows[i]->name);
        }
    }

    crm_buf_puts(buf, ",\"due\":");
    crm_buf_json(buf, crm_time_iso(due, later->due_ms));

    for (i = 0; crm_span_next(member(later->job, "action"), &i, &name,
                              &rule); )
    {
        if (!crm_span_is(name, CRM_STR("seq"))) {
            crm_buf_putc(buf, ',');
            crm_buf_str(buf, crm_span_raw(name));
            outcome_member(buf, ":", rule);
        }
    }

    crm_buf_putc(buf, '}');
}


static void
action_update(crm_buf_t *buf, crm_span_t trace, crm_span_t rule,
    crm_span_t action)
{
    size_t      cursor;
    crm_span_t  field, change;

    field = member(action, "field");

    if (field.type == CRM_JSON_NONE) {
        return;
    }

    outcome_member(buf, ",\"field\":", field);

    for (cursor = 0;
         crm_span_next(member(trace, "changed"), &cursor, NULL, &change); )
    {
        if (same(member(change, "field"), field)
            && same(member(change, "rule_id"), member(rule, "rule_id")))
        {
            outcome_member(buf, ",\"value\":", member(change, "new"));
        }
    }
}


static void
action_job(crm_buf_t *buf, crm_span_t trace, crm_span_t action)
{
    int         named;
    size_t      i, k;
    crm_span_t  job, key, value, id;

    id = member(action, "idem_key");
    named = 0;

    for (i = 0; id.type != CRM_JSON_NONE
                && crm_span_next(member(trace, "jobs"), &i, NULL, &job); )
    {
        if (!same(member(job, "id"), id)) {
            continue;
        }

        for (k = 0;
             crm_span_next(member(job, "action"), &k, &key, &value); )
        {
            if (crm_span_is(key, CRM_STR("type"))
                || crm_span_is(key, CRM_STR("rule"))
                || crm_span_is(key, CRM_STR("state")))
            {
                continue;
            }

            named |= crm_span_is(key, CRM_STR("name"));
            crm_buf_putc(buf, ',');
            crm_buf_str(buf, crm_span_raw(key));
            outcome_member(buf, ":", value);
        }
    }

    if (!named && member(action, "name").type != CRM_JSON_NONE) {
        outcome_member(buf, ",\"name\":", member(action, "name"));
    }
}


static void
outcome_member(crm_buf_t *buf, const char *key, crm_span_t span)
{
    crm_buf_puts(buf, key);
    crm_buf_str(buf, span.type == CRM_JSON_NONE ? CRM_STR("null")
                                                : crm_span_raw(span));
}


static crm_span_t
member(crm_span_t object, const char *name)
{
    crm_span_t  none;

    memset(&none, 0, sizeof(crm_span_t));

    return object.type == CRM_JSON_OBJECT
           ? crm_span_member(object, crm_strz(name)) : none;
}


static int
same(crm_span_t a, crm_span_t b)
{
    return a.type != CRM_JSON_NONE
           && crm_str_eq(crm_span_raw(a), crm_span_raw(b));
}
