/*
 * Rules that are being looked at: documents, and what is wrong with them.
 */

#include "crm_cli_rules.h"
#include "crm_cli_bundle.h"
#include "crm_cli_folder.h"
#include "crm_cli_source.h"
#include "base/crm_limits.h"
#include "rules/crm_shape.h"

#include <time.h>


/* How far ahead a schedule may begin, as the vendor has it. */
#define RULES_AHEAD_DAYS  366


static void rules_ahead(crm_findings_t *found, const crm_ruleset_t *set,
    const json_t *bundle, size_t count);
static int finding_zone(crm_finding_t *f);
static int finding_is_told(crm_cli_rules_t *rules, const crm_finding_t *f,
    unsigned *told);
static const char *finding_twin(crm_cli_rules_t *rules,
    const crm_finding_t *f);
static void finding_place(crm_cli_rules_t *rules, const json_t *bundle,
    const char *where, const crm_finding_t *f);


crm_status_t
crm_cli_rules_load(crm_cli_rules_t *rules, const char *path, crm_pool_t *pool)
{
    crm_status_t  rc;

    memset(rules, 0, sizeof(crm_cli_rules_t));
    rules->pool = pool;
    rules->docs.pool = pool;
    crm_cli_findings_init(&rules->findings, pool);

    rc = crm_cli_folder_read(&rules->docs, path, &rules->findings);

    return rc == CRM_OK ? crm_cli_source_read(&rules->docs, &rules->findings)
                        : rc;
}


crm_status_t
crm_cli_rules_check(crm_cli_rules_t *rules, crm_ruleset_t **compiled)
{
    json_t           *bundle;
    crm_status_t      rc;
    crm_cli_merge_t   merge;

    if (compiled) {
        *compiled = NULL;
    }

    if (rules->docs.count == 0) {
        return CRM_OK;
    }

    rc = crm_cli_bundle_merge(&merge, &rules->docs, NULL, "folder", 0,
                              rules->pool);
    if (rc != CRM_OK) {
        return rc;
    }

    bundle = crm_cli_bundle_json(&merge, "folder");
    if (bundle == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_cli_rules_judge(rules, bundle, "", compiled);
    json_decref(bundle);

    return rc;
}


crm_status_t
crm_cli_rules_judge(crm_cli_rules_t *rules, const json_t *bundle,
    const char *where, crm_ruleset_t **compiled)
{
    size_t           i;
    unsigned        *told;
    crm_findings_t   found;
    crm_ruleset_t   *set;

    told = crm_pool_calloc(rules->pool, rules->docs.count + 1,
                           sizeof(unsigned));
    if (told == NULL) {
        return CRM_ENOMEM;
    }

    crm_findings_init(&found, rules->pool);

    set = crm_ruleset_create(bundle, 0, crm_host_malloc(), &found);

    if (found.status == CRM_OK
        && crm_analysis_run(bundle, rules->docs.count, rules->limits,
                            crm_host_malloc(), &found) != CRM_OK)
    {
        found.status = CRM_ENOMEM;
    }

    if (set != NULL) {
        rules_ahead(&found, set, bundle, rules->docs.count);
    }

    if (found.errors) {
        crm_ruleset_release(set);
        set = NULL;
    }

    for (i = 0; i < found.count; i++) {
        if (finding_zone(&found.items[i])) {
            crm_ruleset_release(set);
            set = NULL;
            found.errors++;
        }

        if (finding_is_told(rules, &found.items[i], told)) {
            finding_place(rules, bundle, where, &found.items[i]);
        }
    }

    if (found.dropped) {
        crm_cli_findings_add(&rules->findings, CRM_ERROR, where[0] ? where
                             : "rules", 0, 0, "too_many", NULL, "%zu findings"
                             " more than %d: mend these first", found.dropped,
                             CRM_MAX_FINDINGS);
    }

    if (compiled) {
        *compiled = set;

    } else if (set) {
        crm_ruleset_release(set);
    }

    if (found.status != CRM_OK || rules->findings.status != CRM_OK
        || (set == NULL && found.errors == 0))
    {
        if (compiled && set) {
            *compiled = NULL;
            crm_ruleset_release(set);
        }

        return CRM_ENOMEM;
    }

    return CRM_OK;
}


crm_cli_exit_t
crm_cli_rules_accept(const json_t *bundle, const char *where,
    const char *refused, crm_cli_t *cli)
{
    size_t           errors;
    crm_cli_rules_t  rules;

    memset(&rules, 0, sizeof(crm_cli_rules_t));
    rules.pool = cli->pool;
    crm_cli_findings_init(&rules.findings, cli->pool);

    if (crm_cli_rules_judge(&rules, bundle, where, NULL) != CRM_OK) {
        return crm_cli_no_memory();
    }

    errors = rules.findings.errors;
    if (errors == 0) {
        return CRM_CLI_OK;
    }

    if (crm_cli_rules_report(&rules, cli->opts.json) != 0) {
        return crm_cli_no_memory();
    }

    crm_cli_complain("%zu error%s: %s", errors, errors == 1 ? "" : "s",
                     refused);

    return CRM_CLI_FAILED;
}


/* The core knows no clock: that a start is too far away is found here. */
static void
rules_ahead(crm_findings_t *found, const crm_ruleset_t *set,
    const json_t *bundle, size_t count)
{
    size_t                 i;
    json_t                *item;
    long long              today;
    const json_t          *json;
    const crm_schedule_t  *schedule;

    today = crm_zone_day(crm_ruleset_zone(set), (long long) time(NULL));

    json_array_foreach(json_object_get(bundle, "objects"), i, item) {
        json = json_object_get(item, "object");

        if (i >= count
            || !crm_str_is(crm_shape_str(json_object_get(json, "kind")),
                           "schedule"))
        {
            continue;
        }

        schedule = crm_ruleset_schedule(set,
                       crm_shape_str(json_object_get(json, "name")));

        if (schedule && schedule->start.day - today > RULES_AHEAD_DAYS) {
            crm_findings_add(found, CRM_ERROR, i, "start", 0,
                             "limit_exceeded", NULL,
                             "start may be a year ahead at most");
        }
    }
}


/* A bundle of ours lacks the zone's table only if nobody knows the zone. */
static int
finding_zone(crm_finding_t *f)
{
    if (strcmp(f->code, "no_zone_table") != 0) {
        return 0;
    }

    f->severity = CRM_ERROR;
    f->code = "unknown_reference";
    f->message = "there is no such time zone; write a name such as"
                 " Europe/Paris";

    return 1;
}


/* Of one document only so many; told counts, by document. */
static int
finding_is_told(crm_cli_rules_t *rules, const crm_finding_t *f,
    unsigned *told)
{
    const crm_cli_doc_t  *doc;

    if (f->object >= rules->docs.count
        || ++told[f->object] <= CRM_CLI_MAX_FOUND)
    {
        return 1;
    }

    if (told[f->object] == CRM_CLI_MAX_FOUND + 1) {
        doc = &rules->docs.items[f->object];
        crm_cli_findings_add(&rules->findings, CRM_ERROR, doc->file,
                             doc->root->line, doc->root->column, "too_many",
                             NULL, "more than %d findings in this document:"
                             " mend these first", CRM_CLI_MAX_FOUND);
    }

    return 0;
}


static void
finding_place(crm_cli_rules_t *rules, const json_t *bundle, const char *where,
    const crm_finding_t *f)
{
    json_t               *item;
    unsigned              line, column;
    crm_str_t             file;
    const crm_cli_doc_t  *doc;

    if (f->severity == CRM_HINT && !rules->hints) {
        return;
    }

    if (f->object < rules->docs.count) {
        doc = &rules->docs.items[f->object];
        crm_cli_yaml_find(doc->root, f->path, f->at_key, &line, &column);
        crm_cli_findings_add(&rules->findings, f->severity, doc->file, line,
                             column, f->code, f->suggestion, "%s%s",
                             f->message, finding_twin(rules, f));
        return;
    }

    item = NULL;

    if (f->object != CRM_NO_OBJECT) {
        if (f->severity != CRM_ERROR) {
            return;                 /* of live objects: told to their owners */
        }

        item = json_array_get(json_object_get(bundle, "objects"), f->object);
    }

    file = crm_pool_printf(rules->pool, "%s%s%s%s%s", where,
                           item && where[0] ? ", " : "",
                           item ? crm_cli_bundle_name(
                                      json_object_get(item, "object"),
                                      rules->pool)
                                : "",
                           item && f->path[0] ? ", " : "",
                           item ? f->path : "");

    crm_cli_findings_add(&rules->findings, f->severity,
                         file.len ? file.data : "rules", 0, 0, f->code,
                         f->suggestion, "%s", f->message);
}


/* Where the first of two is, of a folder that may have thousands of files. */
static const char *
finding_twin(crm_cli_rules_t *rules, const crm_finding_t *f)
{
    unsigned              line, column;
    crm_str_t             text;
    const crm_cli_doc_t  *doc;

    if (f->twin == 0 || f->twin > rules->docs.count) {
        return "";
    }

    doc = &rules->docs.items[f->twin - 1];
    crm_cli_yaml_find(doc->root, f->path, f->at_key, &line, &column);
    text = crm_pool_printf(rules->pool, "; the first is at %s:%u", doc->file,
                           line);

    return text.data ? text.data : "";
}


int
crm_cli_rules_report(crm_cli_rules_t *rules, int json)
{
    int      rc;
    json_t  *value;

    crm_cli_findings_sort(&rules->findings);

    if (rules->findings.status != CRM_OK) {
        return -1;
    }

    if (!json) {
        crm_cli_findings_text(&rules->findings, stderr);
        return 0;
    }

    value = crm_cli_findings_json(&rules->findings);
    rc = value ? crm_cli_print_json(value, stdout) : -1;
    json_decref(value);

    return rc;
}
