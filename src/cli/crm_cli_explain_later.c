/*
 * What a trace document says of scheduled actions, for people.
 */

#include "crm_cli_explain.h"

#include <string.h>


static void explain_timers(const crm_cli_explain_t *how, crm_span_t trace);
static void explain_blocks(const crm_cli_explain_t *how, crm_span_t rule,
    int *n);
static void explain_waits(const crm_cli_explain_t *how, crm_span_t rule,
    crm_span_t block, crm_span_t action);
static crm_span_t member(crm_span_t object, const char *name);


/* Of rules that fired and are on: when each of their scheduled actions is due,
 * or why it was not done. */
void
crm_cli_explain_scheduled(const crm_cli_explain_t *how, crm_span_t trace)
{
    int         n;
    size_t      cursor;
    crm_span_t  rule;

    n = 0;

    for (cursor = 0;
         crm_span_next(member(trace, "rules"), &cursor, NULL, &rule); )
    {
        if (member(rule, "mode").type == CRM_JSON_NONE) {
            explain_blocks(how, rule, &n);
        }
    }

    explain_timers(how, trace);
}


/* When time brings something for the record, or why it does not. */
static void
explain_timers(const crm_cli_explain_t *how, crm_span_t trace)
{
    int         n;
    size_t      i;
    crm_span_t  timer;

    n = 0;

    for (i = 0; crm_span_next(member(trace, "timers"), &i, NULL, &timer); ) {
        if (n++ == 0) {
            fprintf(how->out, "%stimers\n", how->indent);
        }

        fprintf(how->out, "%s  ", how->indent);

        if (member(timer, "reason").type == CRM_JSON_NONE) {
            crm_cli_explain_text(how, member(timer, "due"));
        } else {
            fputs("none, ", how->out);
            crm_cli_explain_text(how, member(timer, "reason"));
        }

        fputs("  ", how->out);
        crm_cli_explain_text(how, member(timer, "type"));
        fputs(", by ", how->out);
        crm_cli_explain_text(how, member(timer, "rule"));
        putc('\n', how->out);
    }
}


static void
explain_blocks(const crm_cli_explain_t *how, crm_span_t rule, int *n)
{
    size_t      i, k;
    crm_span_t  block, action;

    for (i = 0; crm_span_next(member(rule, "scheduled"), &i, NULL, &block); ) {
        for (k = 0;
             crm_span_next(member(block, "actions"), &k, NULL, &action); )
        {
            if ((*n)++ == 0) {
                fprintf(how->out, "%sscheduled\n", how->indent);
            }

            explain_waits(how, rule, block, action);
        }
    }
}


static void
explain_waits(const crm_cli_explain_t *how, crm_span_t rule, crm_span_t block,
    crm_span_t action)
{
    fprintf(how->out, "%s  ", how->indent);
    crm_cli_explain_text(how, member(block, "due"));
    fputs("  ", how->out);
    crm_cli_explain_text(how, member(action, "type"));

    if (member(action, "name").type != CRM_JSON_NONE) {
        putc(' ', how->out);
        crm_cli_explain_text(how, member(action, "name"));

    } else if (member(action, "field").type != CRM_JSON_NONE) {
        putc(' ', how->out);
        crm_cli_explain_text(how, member(action, "field"));
    }

    fputs(", by ", how->out);
    crm_cli_explain_text(how, member(rule, "name"));

    if (!crm_span_is(member(action, "state"), CRM_STR("queued"))) {
        fputs(", ", how->out);
        crm_cli_explain_text(how, member(action, "state"));

    } else if (member(block, "recheck").type == CRM_JSON_FALSE) {
        fputs(", not rechecked", how->out);
    }

    putc('\n', how->out);
}


static crm_span_t
member(crm_span_t object, const char *name)
{
    crm_span_t  none;

    memset(&none, 0, sizeof(crm_span_t));

    return object.type == CRM_JSON_OBJECT
           ? crm_span_member(object, crm_strz(name)) : none;
}
