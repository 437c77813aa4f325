/*
 * What a trace document says of scores, for people.
 */

#include "crm_cli_explain.h"


static void explain_score(const crm_cli_explain_t *how, crm_span_t score);
static crm_span_t member(crm_span_t object, const char *name);


void
crm_cli_explain_scores(const crm_cli_explain_t *how, crm_span_t trace)
{
    int         n;
    size_t      cursor;
    crm_span_t  score;

    n = 0;

    for (cursor = 0;
         crm_span_next(member(trace, "scores"), &cursor, NULL, &score); )
    {
        if (n++ == 0) {
            fprintf(how->out, "%sscores\n", how->indent);
        }

        explain_score(how, score);
    }
}


/* "  Fit: 0 becomes 12 (17 and -5), by field rules 1, 2 and 3". */
static void
explain_score(const crm_cli_explain_t *how, crm_span_t score)
{
    int         n;
    size_t      cursor;
    crm_span_t  matched;

    n = 0;

    fprintf(how->out, "%s  ", how->indent);
    crm_cli_explain_text(how, member(score, "rule_id"));

    if (member(score, "reason").type == CRM_JSON_STRING) {
        fputs(": stays as it is, ", how->out);
        crm_cli_explain_text(how, member(score, "reason"));
        putc('\n', how->out);
        return;
    }

    fputs(": ", how->out);
    crm_cli_explain_text(how, member(score, "was"));
    fputs(" becomes ", how->out);
    crm_cli_explain_text(how, member(score, "score"));
    fputs(" (", how->out);
    crm_cli_explain_text(how, member(score, "positive"));
    fputs(" and ", how->out);
    crm_cli_explain_text(how, member(score, "negative"));
    putc(')', how->out);

    if (member(score, "touch_points").type == CRM_JSON_NUMBER) {
        fputs(", ", how->out);
        crm_cli_explain_text(how, member(score, "touch_points"));
        fputs(" of it by events", how->out);
    }

    for (cursor = 0;
         crm_span_next(member(score, "matched"), &cursor, NULL, &matched); )
    {
        fputs(n++ ? ", " : ", by field rules ", how->out);
        crm_cli_explain_text(how, matched);
    }

    fputs(member(score, "pass").type == CRM_JSON_NUMBER
          ? ", with what workflow rules set\n" : "\n", how->out);
}


static crm_span_t
member(crm_span_t object, const char *name)
{
    return crm_span_member(object, crm_strz(name));
}
