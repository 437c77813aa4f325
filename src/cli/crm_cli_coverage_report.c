/*
 * How much was reached, and what never was.
 */

#include "crm_cli_coverage_entry.h"


static void share(crm_cli_share_t *share, int reached);
static const char *percent(char text[16], unsigned permille);
static void share_leaves(crm_cli_share_t *to,
    const crm_cli_condition_t *condition);
static void print_missing(const crm_cli_rule_t *rule, const char *prefix,
    FILE *out);
static void print_leaves(const crm_cli_rule_t *rule,
    const crm_cli_condition_t *condition, const char *prefix, FILE *out);
static void print_place(const crm_cli_rule_t *rule, const char *path,
    const char *prefix, FILE *out);
static json_t *json_share(const crm_cli_share_t *share);
static int json_missing(json_t *list, const crm_cli_rule_t *rule);
static int json_leaves(json_t *list, const crm_cli_rule_t *rule,
    const crm_cli_condition_t *condition);
static int json_miss(json_t *list, const crm_cli_rule_t *rule, const char *path,
    const char *kind, const char *what);


void
crm_cli_coverage_sum(crm_cli_covered_t *covered,
    const crm_cli_coverage_t *coverage)
{
    size_t              i, k, reached, all;
    const crm_cli_rule_t       *rule;
    const crm_cli_condition_t  *condition;

    memset(covered, 0, sizeof(crm_cli_covered_t));

    for (i = 0; i < coverage->rules.count; i++) {
        rule = coverage->rules.entries[i].value;
        share(&covered->rules, rule->reached);
        share_leaves(&covered->branches, &rule->watch);

        for (k = 0; k < rule->count; k++) {
            condition = &rule->conditions[k];
            share(&covered->conditions, condition->reached);
            share_leaves(&covered->branches, condition);
        }
    }

    reached = covered->rules.reached + covered->conditions.reached
              + covered->branches.reached;
    all = covered->rules.all + covered->conditions.all
          + covered->branches.all;

    covered->permille = all ? (unsigned) (reached * 1000 / all) : 1000;
}


static void
share(crm_cli_share_t *share, int reached)
{
    share->all++;
    share->reached += reached != 0;
}


static void
share_leaves(crm_cli_share_t *to, const crm_cli_condition_t *condition)
{
    size_t  i;

    for (i = 0; i < condition->count; i++) {
        share(to, condition->leaves[i].seen[0]);
        share(to, condition->leaves[i].seen[1]);
    }
}


static const char *
percent(char text[16], unsigned permille)
{
    (void) snprintf(text, 16, "%u.%u", permille / 10, permille % 10);

    return text;
}


void
crm_cli_coverage_print(const crm_cli_coverage_t *coverage, const char *prefix,
    FILE *out)
{
    char               text[16];
    size_t             i;
    crm_cli_covered_t  c;

    crm_cli_coverage_sum(&c, coverage);

    fprintf(out, "%scoverage %s %%: rules %zu of %zu, conditions %zu of %zu, "
            "criteria branches %zu of %zu\n", prefix,
            percent(text, c.permille), c.rules.reached, c.rules.all,
            c.conditions.reached, c.conditions.all, c.branches.reached,
            c.branches.all);

    if (c.permille < 1000) {
        fprintf(out, "%snever reached\n", prefix);
    }

    for (i = 0; i < coverage->rules.count; i++) {
        print_missing(coverage->rules.entries[i].value, prefix, out);
    }
}


static void
print_missing(const crm_cli_rule_t *rule, const char *prefix, FILE *out)
{
    size_t                      i;
    const crm_cli_condition_t  *condition;

    if (!rule->reached) {
        print_place(rule, rule->path, prefix, out);
        fprintf(out, "%s \"", rule->what);
        crm_cli_print_text(rule->name, out);
        fprintf(out, "\" never %s\n",
                rule->what[0] == 'l' ? "refused anything" : "fired");
    }

    print_leaves(rule, &rule->watch, prefix, out);

    for (i = 0; i < rule->count; i++) {
        condition = &rule->conditions[i];

        if (!condition->reached && rule->count > 1) {
            print_place(rule, condition->path, prefix, out);
            fprintf(out, "condition %zu of \"", i + 1);
            crm_cli_print_text(rule->name, out);
            fputs("\" was never the one that counts\n", out);
        }

        print_leaves(rule, condition, prefix, out);
    }
}


static void
print_leaves(const crm_cli_rule_t *rule,
    const crm_cli_condition_t *condition, const char *prefix, FILE *out)
{
    size_t                 i;
    const crm_cli_leaf_t  *leaf;

    for (i = 0; i < condition->count; i++) {
        leaf = &condition->leaves[i];

        if (leaf->seen[0] && leaf->seen[1]) {
            continue;
        }

        print_place(rule, leaf->path, prefix, out);
        crm_cli_print_str(leaf->text, out);
        fprintf(out, " was never %s\n", leaf->seen[1] ? "false"
                : leaf->seen[0] ? "true" : "asked");
    }
}


static void
print_place(const crm_cli_rule_t *rule, const char *path, const char *prefix,
    FILE *out)
{
    unsigned  line, column;

    crm_cli_yaml_find(rule->doc->root, path, 0, &line, &column);

    fprintf(out, "%s  ", prefix);
    crm_cli_print_text(rule->doc->file, out);
    fprintf(out, ":%u:%u: ", line, column);
}


json_t *
crm_cli_coverage_json(const crm_cli_coverage_t *coverage)
{
    char               text[16];
    size_t             i;
    json_t            *json, *missing;
    crm_cli_covered_t  c;

    crm_cli_coverage_sum(&c, coverage);

    missing = json_array();
    json = json_pack("{s:s, s:o, s:o, s:o, s:o*}", "percent",
                     percent(text, c.permille), "rules",
                     json_share(&c.rules), "conditions",
                     json_share(&c.conditions), "branches",
                     json_share(&c.branches), "missing", missing);

    for (i = 0; json && i < coverage->rules.count; i++) {
        if (json_missing(missing, coverage->rules.entries[i].value) != 0) {
            json_decref(json);
            return NULL;
        }
    }

    return json;
}


static json_t *
json_share(const crm_cli_share_t *share)
{
    return json_pack("{s:I, s:I}", "reached", (json_int_t) share->reached,
                     "all", (json_int_t) share->all);
}


static int
json_missing(json_t *list, const crm_cli_rule_t *rule)
{
    int                         rc;
    size_t                      i;
    const crm_cli_condition_t  *condition;

    rc = rule->reached ? 0 : json_miss(list, rule, rule->path, rule->what,
                                       rule->name);

    if (rc == 0) {
        rc = json_leaves(list, rule, &rule->watch);
    }

    for (i = 0; i < rule->count && rc == 0; i++) {
        condition = &rule->conditions[i];

        if (!condition->reached) {
            rc = json_miss(list, rule, condition->path, "condition",
                           rule->name);
        }

        if (rc == 0) {
            rc = json_leaves(list, rule, condition);
        }
    }

    return rc;
}


static int
json_leaves(json_t *list, const crm_cli_rule_t *rule,
    const crm_cli_condition_t *condition)
{
    int                    rc;
    size_t                 i;
    const crm_cli_leaf_t  *leaf;

    rc = 0;

    for (i = 0; i < condition->count && rc == 0; i++) {
        leaf = &condition->leaves[i];

        if (!leaf->seen[1]) {
            rc = json_miss(list, rule, leaf->path, "true", leaf->text.data);
        }

        if (!leaf->seen[0] && rc == 0) {
            rc = json_miss(list, rule, leaf->path, "false", leaf->text.data);
        }
    }

    return rc;
}


static int
json_miss(json_t *list, const crm_cli_rule_t *rule, const char *path,
    const char *kind, const char *what)
{
    unsigned  line, column;

    crm_cli_yaml_find(rule->doc->root, path, 0, &line, &column);

    return json_array_append_new(list,
               json_pack("{s:o, s:i, s:i, s:s, s:o}", "file",
                         crm_cli_json_text(rule->doc->file), "line",
                         (int) line, "column", (int) column, "never", kind,
                         "what", crm_cli_json_text(what)));
}
