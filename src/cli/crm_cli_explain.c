/*
 * A trace document, for people.
 */

#include "crm_cli_explain.h"
#include "crm_cli_print.h"


typedef const crm_cli_explain_t  how_t;


static void explain_who(how_t *how, crm_span_t actor);
static void explain_verdict(how_t *how, crm_span_t trace);
static void explain_gate(how_t *how, crm_span_t gate);
static void explain_guard(how_t *how, crm_span_t rule);
static void explain_rule(how_t *how, crm_span_t rule);
static void explain_blame(how_t *how, crm_span_t detail);
static void explain_condition(how_t *how, crm_span_t condition);
static void explain_leaves(how_t *how, crm_span_t leaves);
static void explain_right(how_t *how, crm_span_t leaf);
static void explain_changed(how_t *how, crm_span_t trace, crm_span_t change);
static void explain_job(how_t *how, crm_span_t job);
static void explain_name(how_t *how, crm_span_t trace, crm_span_t id);
static void explain_value(how_t *how, crm_span_t value);
static void line(how_t *how, const char *text);
static crm_span_t member(crm_span_t object, const char *name);
static int is(crm_span_t span, const char *word);


void
crm_cli_explain(const crm_cli_explain_t *how, crm_span_t trace)
{
    crm_cli_explain_head(how, trace);
    crm_cli_explain_gates(how, trace);
    crm_cli_explain_rules(how, trace);
    crm_cli_explain_scores(how, trace);
    crm_cli_explain_changes(how, trace);
    crm_cli_explain_jobs(how, trace);
    crm_cli_explain_scheduled(how, trace);
}


void
crm_cli_explain_head(const crm_cli_explain_t *how, crm_span_t trace)
{
    crm_span_t  id;

    id = member(trace, "record_id");

    line(how, "");
    crm_cli_explain_text(how, member(trace, "op"));
    putc(' ', how->out);
    crm_cli_explain_text(how, member(trace, "module"));

    if (id.len > 2) {
        putc('/', how->out);
        crm_cli_explain_text(how, id);
    }

    explain_who(how, member(trace, "actor"));
    explain_verdict(how, trace);
}


static void
explain_who(how_t *how, crm_span_t actor)
{
    if (member(actor, "user").len <= 2) {
        fputs(" by nobody known\n", how->out);
        return;
    }

    fputs(" by ", how->out);
    crm_cli_explain_text(how, member(actor, "user"));

    if (member(actor, "profile").len <= 2) {
        fputs(" (no active user of the rules)\n", how->out);
        return;
    }

    fputs(" (profile ", how->out);
    crm_cli_explain_text(how, member(actor, "profile"));

    if (member(actor, "role").len > 2) {
        fputs(", role ", how->out);
        crm_cli_explain_text(how, member(actor, "role"));
    }

    fputs(")\n", how->out);
}


static void
explain_verdict(how_t *how, crm_span_t trace)
{
    size_t      cursor;
    crm_span_t  gate;

    if (is(member(trace, "decision"), "allowed")) {
        line(how, "allowed\n");
        return;
    }

    for (cursor = 0;
         crm_span_next(member(trace, "gates"), &cursor, NULL, &gate); )
    {
        if (is(member(gate, "result"), "refused")) {
            line(how, "refused by ");
            crm_cli_explain_text(how, member(gate, "gate"));

            if (member(gate, "rule_id").len > 2) {
                fputs(" \"", how->out);
                crm_cli_explain_text(how, member(gate, "rule_id"));
                putc('"', how->out);
            }

            fputs(": ", how->out);
            crm_cli_explain_text(how, member(gate, "detail"));
            putc('\n', how->out);
        }
    }
}


void
crm_cli_explain_gates(const crm_cli_explain_t *how, crm_span_t trace)
{
    int         n;
    size_t      cursor;
    crm_span_t  gate;

    n = 0;

    for (cursor = 0;
         crm_span_next(member(trace, "gates"), &cursor, NULL, &gate); )
    {
        if (member(gate, "rules").type == CRM_JSON_NONE
            && !is(member(gate, "result"), "refused"))
        {
            continue;               /* it had nothing to look at */
        }

        if (n++ == 0) {
            line(how, "gates\n");
        }

        explain_gate(how, gate);
    }
}


static void
explain_gate(how_t *how, crm_span_t gate)
{
    size_t      cursor;
    crm_span_t  rule;

    line(how, is(member(gate, "result"), "refused") ? "  refused    "
                                                    : "  pass       ");
    crm_cli_explain_text(how, member(gate, "gate"));

    if (is(member(gate, "result"), "pass")
        && member(gate, "detail").type == CRM_JSON_STRING)
    {
        fputs(": ", how->out);
        crm_cli_explain_text(how, member(gate, "detail"));
    }

    putc('\n', how->out);

    for (cursor = 0;
         crm_span_next(member(gate, "rules"), &cursor, NULL, &rule); )
    {
        explain_guard(how, rule);
    }
}


static void
explain_guard(how_t *how, crm_span_t rule)
{
    line(how, "               ");
    crm_cli_explain_text(how, member(rule, "rule_id"));
    fputs(": ", how->out);
    crm_cli_explain_text(how, member(rule, "result"));

    if (member(rule, "lock_existing_records").type == CRM_JSON_FALSE) {
        fputs(member(rule, "marked").type == CRM_JSON_TRUE
              ? ", marked by an earlier save" : ", no save has marked it",
              how->out);
    }

    if (member(rule, "asked").type == CRM_JSON_FALSE) {
        fputs(", the write does not ask for it", how->out);
    }

    putc('\n', how->out);
    explain_leaves(how, member(rule, "leaves"));
}


void
crm_cli_explain_rules(const crm_cli_explain_t *how, crm_span_t trace)
{
    int         n;
    size_t      cursor;
    crm_str_t   name;
    crm_span_t  rule;

    n = 0;

    for (cursor = 0;
         crm_span_next(member(trace, "rules"), &cursor, NULL, &rule); )
    {
        if (how->wanted) {
            name = crm_span_text(member(rule, "name"), how->pool);

            if (name.data && !how->wanted(name, how->data)) {
                continue;
            }
        }

        if (n++ == 0) {
            line(how, "rules\n");
        }

        explain_rule(how, rule);
    }
}


static void
explain_rule(how_t *how, crm_span_t rule)
{
    size_t      cursor, n;
    crm_span_t  reason, conditions, condition;

    reason = member(rule, "reason");
    conditions = member(rule, "conditions");

    line(how, reason.type != CRM_JSON_NONE ? "  not fired  "
              : is(member(rule, "mode"), "shadow") ? "  shadow     "
              : "  fired      ");
    crm_cli_explain_text(how, member(rule, "name"));

    for (n = 0, cursor = 0;
         crm_span_next(conditions, &cursor, NULL, &condition); )
    {
        n++;
    }

    if (reason.type != CRM_JSON_NONE) {
        fputs(": ", how->out);
        crm_cli_explain_text(how, reason);
        explain_blame(how, member(rule, "detail"));

    } else if (n > 1) {
        fputs(": condition ", how->out);
        crm_cli_explain_text(how, member(rule, "chosen"));
    }

    putc('\n', how->out);

    for (cursor = 0; crm_span_next(conditions, &cursor, NULL, &condition); ) {
        if (member(condition, "reason").type == CRM_JSON_NONE) {
            explain_condition(how, condition);
        }
    }
}


/* The field because of which a rule is silent. */
static void
explain_blame(how_t *how, crm_span_t detail)
{
    if (detail.type == CRM_JSON_OBJECT) {
        fputs(" (", how->out);
        crm_cli_explain_text(how, member(detail, "field"));
        putc(')', how->out);
    }
}


static void
explain_condition(how_t *how, crm_span_t condition)
{
    crm_span_t  leaves;

    leaves = member(condition, "leaves");

    line(how, "               condition ");
    crm_cli_explain_text(how, member(condition, "seq"));
    fputs(": ", how->out);

    if (leaves.len <= 2) {
        fputs("every record\n", how->out);
        return;
    }

    crm_cli_explain_text(how, member(condition, "result"));
    putc('\n', how->out);
    explain_leaves(how, leaves);
}


static void
explain_leaves(how_t *how, crm_span_t leaves)
{
    size_t      cursor;
    crm_span_t  leaf;

    for (cursor = 0; crm_span_next(leaves, &cursor, NULL, &leaf); ) {
        line(how, "                 ");
        crm_cli_explain_text(how, member(leaf, "field"));
        putc(' ', how->out);

        if (is(member(leaf, "left"), "unknown")) {
            fputs("(unknown)", how->out);
        } else {
            explain_value(how, member(leaf, "left"));
        }

        putc(' ', how->out);
        crm_cli_explain_text(how, member(leaf, "comparator"));
        putc(' ', how->out);
        explain_right(how, leaf);
        fputs(": ", how->out);
        crm_cli_explain_text(how, member(leaf, "result"));
        putc('\n', how->out);
    }
}


/* A constant or some; before what another field or a token stands for, its
 * name. */
static void
explain_right(how_t *how, crm_span_t leaf)
{
    int         n;
    size_t      cursor;
    crm_span_t  right, item;

    n = 0;
    right = member(leaf, "right");

    for (cursor = 0;
         crm_span_next(member(leaf, "from"), &cursor, NULL, &item); )
    {
        crm_cli_explain_text(how, item);
        putc(' ', how->out);
    }

    if (right.type != CRM_JSON_ARRAY) {
        if (right.type == CRM_JSON_NULL
            && member(leaf, "from").type == CRM_JSON_NONE)
        {
            fputs("${EMPTY}", how->out);
            return;
        }

        explain_value(how, right);
        return;
    }

    for (cursor = 0; crm_span_next(right, &cursor, NULL, &item); ) {
        fputs(n++ ? ", " : "", how->out);
        explain_value(how, item);
    }
}


void
crm_cli_explain_changes(const crm_cli_explain_t *how, crm_span_t trace)
{
    int         n;
    size_t      cursor;
    crm_span_t  change;

    n = 0;

    for (cursor = 0;
         crm_span_next(member(trace, "changed"), &cursor, NULL, &change); )
    {
        if (member(change, "rule_id").type == CRM_JSON_NONE) {
            continue;
        }

        if (n++ == 0) {
            line(how, "changes by rules\n");
        }

        explain_changed(how, trace, change);
    }
}


static void
explain_changed(how_t *how, crm_span_t trace, crm_span_t change)
{
    int         n;
    size_t      cursor;
    crm_span_t  loser;

    n = 0;

    line(how, "  ");
    crm_cli_explain_text(how, member(change, "field"));
    fputs(": ", how->out);
    explain_value(how, member(change, "old"));
    fputs(" becomes ", how->out);
    explain_value(how, member(change, "new"));
    fputs(", by ", how->out);
    explain_name(how, trace, member(change, "rule_id"));

    for (cursor = 0;
         crm_span_next(member(change, "conflict"), &cursor, NULL, &loser); )
    {
        fputs(n++ ? ", " : " (overrides ", how->out);
        explain_name(how, trace, loser);
    }

    fputs(n ? ")" : "", how->out);
    putc('\n', how->out);
}


/* The name of the rule with that id. */
static void
explain_name(how_t *how, crm_span_t trace, crm_span_t id)
{
    size_t      cursor;
    crm_span_t  rule;

    for (cursor = 0;
         crm_span_next(member(trace, "rules"), &cursor, NULL, &rule); )
    {
        if (crm_str_eq(crm_span_raw(member(rule, "rule_id")),
                       crm_span_raw(id)))
        {
            crm_cli_explain_text(how, member(rule, "name"));
            return;
        }
    }

    crm_cli_explain_text(how, id);
}


void
crm_cli_explain_jobs(const crm_cli_explain_t *how, crm_span_t trace)
{
    int         n;
    size_t      cursor;
    crm_span_t  job;

    n = 0;

    for (cursor = 0;
         crm_span_next(member(trace, "jobs"), &cursor, NULL, &job); )
    {
        if (member(job, "waits").type != CRM_JSON_NONE) {
            continue;
        }

        if (n++ == 0) {
            line(how, "jobs\n");
        }

        explain_job(how, job);
    }
}


static void
explain_job(how_t *how, crm_span_t job)
{
    crm_span_t  action;

    action = member(job, "action");

    line(how, "  ");
    crm_cli_explain_text(how, member(job, "type"));

    if (member(action, "name").type != CRM_JSON_NONE) {
        putc(' ', how->out);
        crm_cli_explain_text(how, member(action, "name"));
    }

    if (member(action, "url").type != CRM_JSON_NONE) {
        putc(' ', how->out);
        crm_cli_explain_text(how, member(action, "method"));
        putc(' ', how->out);
        crm_cli_explain_text(how, member(action, "url"));
    }

    fputs(", by ", how->out);
    crm_cli_explain_text(how, member(job, "rule"));
    putc('\n', how->out);
}


static void
explain_value(how_t *how, crm_span_t value)
{
    crm_cli_print_str(value.type == CRM_JSON_NONE
                      || value.type == CRM_JSON_NULL
                      ? CRM_STR("(empty)") : crm_span_raw(value), how->out);
}


static void
line(how_t *how, const char *begin)
{
    fputs(how->indent, how->out);
    fputs(begin, how->out);
}


void
crm_cli_explain_text(how_t *how, crm_span_t span)
{
    crm_str_t  s;

    if (span.type == CRM_JSON_STRING) {
        s = crm_span_text(span, how->pool);
        crm_cli_print_str(s.data ? s : crm_span_raw(span), how->out);

    } else if (span.type != CRM_JSON_NONE) {
        crm_cli_print_str(crm_span_raw(span), how->out);
    }
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
is(crm_span_t span, const char *word)
{
    return span.type == CRM_JSON_STRING && crm_span_is(span, crm_strz(word));
}
