/*
 * The command test: the tests beside the rules.
 */

#include "crm_cli_test.h"
#include "crm_cli_coverage.h"
#include "crm_cli_folder.h"

#include <stdlib.h>
#include <sys/stat.h>


typedef struct {
    crm_cli_t              *cli;
    crm_cli_test_format_t   format;
    unsigned                min;            /* percent */
    crm_cli_rules_t         rules;
    crm_ruleset_t          *set;
    crm_cli_docs_t          docs;           /* of test files */
    crm_cli_cases_t         cases;
    crm_cli_results_t       results;
    crm_cli_coverage_t     *coverage;       /* or NULL */
} test_t;


static crm_cli_exit_t test_options(test_t *t);
static crm_cli_exit_t test_files(test_t *t);
static crm_cli_exit_t test_rules(test_t *t);
static crm_cli_exit_t test_cases(test_t *t);
static crm_cli_exit_t test_findings(test_t *t, const char *sentence);
static crm_cli_exit_t test_run(test_t *t);
static crm_status_t test_run_one(test_t *t, const crm_cli_case_t *one);
static void pool_end(void *data);
static void set_end(void *data);
static crm_cli_exit_t test_report(test_t *t);
static int test_report_json(test_t *t);
static crm_cli_exit_t test_verdict(const test_t *t);


crm_cli_exit_t
crm_cli_test(crm_cli_t *cli)
{
    test_t          t;
    crm_cli_exit_t  rc;

    memset(&t, 0, sizeof(test_t));
    t.cli = cli;
    t.results.dir = cli->opts.args[1];
    t.docs.pool = cli->pool;
    t.cases.pool = cli->pool;

    rc = test_options(&t);

    if (rc == CRM_CLI_OK) {
        rc = test_rules(&t);
    }

    if (rc == CRM_CLI_OK) {
        rc = test_files(&t);
    }

    if (rc == CRM_CLI_OK) {
        rc = test_cases(&t);
    }

    if (rc == CRM_CLI_OK) {
        rc = test_run(&t);
    }

    return rc == CRM_CLI_OK ? test_report(&t) : rc;
}


static crm_cli_exit_t
test_options(test_t *t)
{
    long                   min;
    char                  *end;
    struct stat            st;
    const crm_cli_opts_t  *opts;

    opts = &t->cli->opts;

    t->format = opts->json ? CRM_CLI_TEST_JSON
                : opts->output == NULL ? CRM_CLI_TEST_TABLE
                : strcmp(opts->output, "tap") == 0 ? CRM_CLI_TEST_TAP
                : strcmp(opts->output, "junit") == 0 ? CRM_CLI_TEST_JUNIT
                : CRM_CLI_TEST_TABLE;

    if (opts->coverage_min) {
        min = strtol(opts->coverage_min, &end, 10);

        if (opts->coverage_min[0] < '0' || opts->coverage_min[0] > '9' || *end
            || min > 100)
        {
            crm_cli_complain("--coverage-min takes a percentage from 0 to 100,"
                             " not \"%s\"", opts->coverage_min);
            return CRM_CLI_USAGE;
        }

        t->min = (unsigned) min;
    }

    if (opts->nargs == 2 && stat(opts->args[1], &st) == 0
        && !S_ISDIR(st.st_mode))
    {
        crm_cli_complain("%s is one file: name the test files behind it",
                         opts->args[1]);
        return CRM_CLI_USAGE;
    }

    return CRM_CLI_OK;
}


static crm_cli_exit_t
test_rules(test_t *t)
{
    crm_pool_t  *pool;

    pool = t->cli->pool;

    if (crm_cli_rules_load(&t->rules, t->cli->opts.args[1], pool) != CRM_OK
        || crm_cli_rules_limits(&t->rules, t->cli->opts.limits) != CRM_OK
        || crm_cli_rules_check(&t->rules, &t->set) != CRM_OK)
    {
        return crm_cli_no_memory();
    }

    if (t->set && crm_pool_on_destroy(pool, set_end, t->set) != CRM_OK) {
        return crm_cli_no_memory();
    }

    return t->rules.findings.errors
           ? test_findings(t, "the rules have errors: nothing was tested")
           : CRM_CLI_OK;
}


static void
set_end(void *data)
{
    crm_ruleset_release(data);
}


/* Test files join the findings of the rules: warnings are told together. */
static crm_cli_exit_t
test_files(test_t *t)
{
    int           i;
    crm_status_t  rc;

    rc = CRM_OK;

    if (t->cli->opts.nargs == 2) {
        rc = crm_cli_folder_tests(&t->docs, t->cli->opts.args[1],
                                  &t->rules.findings);
    }

    for (i = 2; i < t->cli->opts.nargs && rc == CRM_OK; i++) {
        rc = crm_cli_folder_tests(&t->docs, t->cli->opts.args[i],
                                  &t->rules.findings);
    }

    if (rc == CRM_OK) {
        rc = crm_cli_test_parse(&t->cases, &t->docs, t->set,
                                &t->rules.findings);
    }

    if (rc != CRM_OK) {
        return crm_cli_no_memory();
    }

    return t->rules.findings.errors
           ? test_findings(t, "the tests have errors: none was run")
           : CRM_CLI_OK;
}


/* All that was found goes to stderr, or to stdout for programs. */
static crm_cli_exit_t
test_findings(test_t *t, const char *sentence)
{
    if (crm_cli_rules_report(&t->rules, sentence
                             && t->format == CRM_CLI_TEST_JSON) != 0)
    {
        return crm_cli_no_memory();
    }

    if (sentence) {
        crm_cli_complain("%s", sentence);
        return CRM_CLI_FAILED;
    }

    return CRM_CLI_OK;
}


/* Those whose name was asked for. */
static crm_cli_exit_t
test_cases(test_t *t)
{
    size_t       i, n;
    const char  *run;

    run = t->cli->opts.run;

    for (i = 0, n = 0; i < t->cases.count; i++) {
        if (run == NULL || strstr(t->cases.items[i].name, run)) {
            t->cases.items[n++] = t->cases.items[i];
        }
    }

    if (n == 0 && t->cases.count) {
        crm_cli_complain("none of the %zu tests has \"%s\" in its name",
                         t->cases.count, run);
        return CRM_CLI_FAILED;
    }

    if (n == 0) {
        crm_cli_complain("%s holds no tests: write them into *.test.yaml files"
                         " beside the rules", t->cli->opts.args[1]);
        return CRM_CLI_FAILED;
    }

    t->cases.count = n;

    return test_findings(t, NULL);
}


static crm_cli_exit_t
test_run(test_t *t)
{
    size_t                 i;
    const crm_cli_opts_t  *opts;

    opts = &t->cli->opts;

    if (opts->coverage || opts->coverage_min) {
        t->coverage = crm_cli_coverage_create(&t->rules.docs, t->cli->pool);
        if (t->coverage == NULL) {
            return crm_cli_no_memory();
        }
    }

    t->results.items = crm_pool_calloc(t->cli->pool, t->cases.count,
                                       sizeof(crm_cli_result_t));
    if (t->results.items == NULL) {
        return crm_cli_no_memory();
    }

    for (i = 0; i < t->cases.count; i++) {
        if (test_run_one(t, &t->cases.items[i]) != CRM_OK) {
            return crm_cli_no_memory();
        }
    }

    return CRM_CLI_OK;
}


/* A failure is told later: its pool is kept. */
static crm_status_t
test_run_one(test_t *t, const crm_cli_case_t *one)
{
    crm_pool_t        *pool;
    crm_status_t       rc;
    crm_cli_result_t  *result;

    pool = crm_pool_create(crm_host_malloc(), 0);
    if (pool == NULL) {
        return CRM_ENOMEM;
    }

    result = &t->results.items[t->results.count++];
    rc = crm_cli_test_run(result, one, t->set, t->coverage, pool);

    if (rc == CRM_OK && !result->ok) {
        t->results.failed++;
        return crm_pool_on_destroy(t->cli->pool, pool_end, pool);
    }

    memset(&result->trace, 0, sizeof(crm_span_t));
    crm_pool_destroy(pool);

    return rc;
}


static void
pool_end(void *data)
{
    crm_pool_destroy(data);
}


static crm_cli_exit_t
test_report(test_t *t)
{
    switch (t->format) {

    case CRM_CLI_TEST_JSON:
        if (test_report_json(t) != 0) {
            return crm_cli_no_memory();
        }
        break;

    case CRM_CLI_TEST_TAP:
        crm_cli_test_tap(&t->results, stdout);
        if (t->coverage) {
            crm_cli_coverage_print(t->coverage, "# ", stdout);
        }
        break;

    case CRM_CLI_TEST_JUNIT:
        crm_cli_test_junit(&t->results, stdout);
        if (t->coverage) {
            crm_cli_coverage_print(t->coverage, "", stderr);
        }
        break;

    default:
        crm_cli_test_table(&t->results, stdout);
        if (t->coverage) {
            crm_cli_coverage_print(t->coverage, "", stdout);
        }
    }

    return test_verdict(t);
}


static int
test_report_json(test_t *t)
{
    int      rc;
    json_t  *json, *coverage;

    json = crm_cli_test_json(&t->results);
    if (json == NULL) {
        return -1;
    }

    coverage = t->coverage ? crm_cli_coverage_json(t->coverage) : json_null();

    rc = json_object_set_new(json, "coverage", coverage);

    if (rc == 0) {
        rc = crm_cli_print_json(json, stdout);
    }

    json_decref(json);

    return rc;
}


static crm_cli_exit_t
test_verdict(const test_t *t)
{
    crm_cli_covered_t  covered;

    if (t->coverage && t->cli->opts.coverage_min) {
        crm_cli_coverage_sum(&covered, t->coverage);

        if (covered.permille < t->min * 10) {
            crm_cli_complain("coverage is %u.%u %%, less than %u %%",
                             covered.permille / 10, covered.permille % 10,
                             t->min);
            return CRM_CLI_FAILED;
        }
    }

    return t->results.failed ? CRM_CLI_FAILED : CRM_CLI_OK;
}
