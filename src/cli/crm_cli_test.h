/*
 * Tests beside the rules: what a *.test.yaml says, and what came of it.
 *
 * A file is read into cases, a case into steps: a write, or time that passes.
 * Steps are judged with the code that nginx runs, against a record and a clock
 * that exist only here. What a step led to is one JSON document, the outcome;
 * what the test expects is laid beside it. Private to crm_cli_test*.c and
 * crm_cli_coverage.c.
 */

#ifndef CRM_CLI_TEST_H
#define CRM_CLI_TEST_H

#include "crm_cli.h"
#include "crm_cli_rules.h"
#include "queue/crm_plan.h"
#include "record/crm_scan.h"


#define CRM_CLI_MAX_STEPS  1000         /* of one test */

/* When a file names no clock; any would do that is the same tomorrow. */
#define CRM_CLI_TEST_CLOCK_MS  1767225600000LL      /* 2026-01-01T00:00:00Z */


/* A list of names that a test gives; data NULL in none. */
typedef struct {
    crm_str_t  *items;
    size_t      count;
} crm_cli_names_t;

typedef struct {
    const char        *path;            /* in the document, for places */

    int                advances;        /* first of all: */
    crm_interval_t     advance;

    crm_operation_t    operation;       /* then; CRM_OP_NONE: no write */
    crm_str_t          user;            /* may be empty */
    crm_str_t          sent;            /* JSON object; of delete: none */
    crm_str_t          trigger;         /* JSON list; empty: there is none */
    int                workflow;        /* it lets workflow rules run */
    unsigned           run;             /* CRM_RUN_..., all that it lets run */
    int                import;          /* the client says that it imports */
    unsigned           apply;           /* CRM_APPLY_... that it asks for */
    crm_str_t          lar_id;          /* the assignment rule that it names;
                                           may be empty */
    crm_str_t          id;              /* what the backend calls what it
                                           creates */

    const json_t      *expect;          /* or NULL */
    const char        *expect_path;
} crm_cli_step_t;

typedef struct {
    const crm_cli_doc_t  *doc;
    const char           *path;         /* "tests[0]" */
    const char           *name;
    long long             clock_ms;
    const crm_module_t   *module;
    crm_str_t             stored;       /* JSON of the record; empty: none */
    int                   partial;      /* fields it lacks are unknown */
    crm_cli_names_t       locked_by;
    crm_cli_names_t       fired_once;
    crm_cli_step_t       *steps;
    size_t                steps_count;
} crm_cli_case_t;

typedef struct {
    crm_pool_t      *pool;
    crm_cli_case_t  *items;
    size_t           count;
    size_t           cap;
} crm_cli_cases_t;


/*
 * Adds the cases of docs (both outlive them), in their order, to be judged
 * with set. What is wrong goes to findings. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_cli_test_parse(crm_cli_cases_t *cases,
    const crm_cli_docs_t *docs, const crm_ruleset_t *set,
    crm_cli_findings_t *findings);

/*
 * Checks what a step expects of a write to module (or NULL: not known). CRM_OK,
 * CRM_EINVAL with findings in cc, CRM_ENOMEM.
 */
crm_status_t crm_cli_test_expect(crm_compile_t *cc, const json_t *json,
    const char *path, const crm_module_t *module);

/*
 * Names of workflow rules, of locking rules: as crm_cli_test_expect(). A rule's
 * id by its name.
 */
crm_status_t crm_cli_test_named_rules(crm_compile_t *cc, const json_t *list,
    const char *path, const crm_module_t *module);
crm_status_t crm_cli_test_named_rule(crm_compile_t *cc, const char *name,
    const char *path, const crm_module_t *module);
crm_status_t crm_cli_test_named_locks(crm_compile_t *cc, const json_t *list,
    const char *path, const crm_module_t *module);
crm_str_t crm_cli_test_named_id(const crm_module_t *module, crm_str_t name);

/*
 * Parts of crm_cli_test_parse(): a step at path, that is {advance, when,
 * expect}; a write alone; a record as the text that a client would send. As
 * crm_cli_test_expect().
 */
crm_status_t crm_cli_test_step(crm_compile_t *cc, crm_cli_step_t *step,
    const json_t *json, const char *path, const crm_module_t *module);
crm_status_t crm_cli_test_when(crm_compile_t *cc, crm_cli_step_t *step,
    const json_t *json, const char *path);
crm_status_t crm_cli_test_record(crm_compile_t *cc, const json_t *record,
    const char *path, crm_str_t *text);

/* json as compact text in cc's pool. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_cli_test_text(crm_compile_t *cc, const json_t *json,
    crm_str_t *text);


/* One value that is not as expected. */
typedef struct {
    const char  *path;              /* "record.Priority" */
    crm_str_t    expected;          /* JSON, or a word in brackets */
    crm_str_t    got;
} crm_cli_differs_t;

typedef struct {
    crm_pool_t         *pool;
    crm_cli_differs_t  *items;
    size_t              count;
    size_t              cap;
    crm_status_t        status;     /* CRM_ENOMEM: some are missing */
} crm_cli_differences_t;

/*
 * Compares what is expected with an outcome. Maps and lists need to be in the
 * outcome, more may be there; unless exact, then they must be the same.
 * CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_cli_test_match(crm_cli_differences_t *differences,
    const json_t *expect, crm_span_t outcome);


/* What waits for its time, or has waited for it. */
typedef struct {
    long long    due_ms;
    crm_span_t   job;               /* as commit would store it */
    crm_str_t    timer;             /* its id, of a date's or an escalation's;
                                       else empty */
    crm_span_t   trace;             /* once it was due: its document, and the
                                       jobs in it if it runs; NONE: a timer
                                       that has nothing to tell */
    crm_span_t   asked;             /* of a date's: its rule with what the
                                       criteria said; else NONE */
} crm_cli_later_t;

/* What became of a case: of the first step that failed, or of the last. */
typedef struct {
    const crm_cli_case_t    *of;
    int                      ok;
    size_t                   step;          /* index */
    const char              *error;         /* the step could not be made, or
                                               NULL */
    crm_span_t               trace;         /* of the step; NONE if it had no
                                               write */
    const crm_cli_later_t   *came;          /* in it: what time has brought */
    size_t                   came_count;
    crm_cli_differences_t    differences;
} crm_cli_result_t;

struct crm_cli_coverage_s;

/*
 * Makes the steps of a case until one fails; everything in result lives in
 * pool. Traces go to coverage (or NULL). CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_cli_test_run(crm_cli_result_t *result,
    const crm_cli_case_t *of, const crm_ruleset_t *set,
    struct crm_cli_coverage_s *coverage, crm_pool_t *pool);


/* ---- what the writes of a test have scheduled ---- */

typedef struct {
    crm_pool_t       *pool;
    crm_cli_later_t  *waiting;      /* by their time */
    size_t            count;
    size_t            cap;
    crm_cli_later_t  *ran;          /* came due in this step */
    size_t            ran_count;
    size_t            ran_cap;
} crm_cli_laters_t;

/* What time finds when it passes: the record (JSON; empty: there is none;
 * partial: what it lacks is unknown) and what Redis would keep of it. */
typedef struct {
    const crm_ruleset_t  *set;
    crm_str_t             stored;
    crm_state_t          *state;
    int                   partial;
    long long             from_ms;  /* nothing happens sooner */
    long long             now_ms;
} crm_cli_passed_t;


/* Adds those of the first jobs of plan that wait. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_cli_test_later_add(crm_cli_laters_t *laters,
    const crm_plan_t *plan, size_t jobs);

/* Judges what is due as the worker would, each at its own time. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_cli_test_later_run(crm_cli_laters_t *laters,
    const crm_cli_passed_t *passed);

/* Parts: behind all that are due then or earlier; away with one. */
crm_status_t crm_cli_test_later_insert(crm_cli_laters_t *laters,
    crm_str_t json, long long due_ms, crm_str_t timer);
void crm_cli_test_later_take(crm_cli_laters_t *laters, size_t at);


/* ---- timers: dates and escalations ---- */

/* Makes, moves and takes away what jobs say. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_cli_test_timer_add(crm_cli_laters_t *laters,
    const crm_cmd_job_t *jobs, size_t count);

/* The record that a test begins with has been saved before: what waits then.
 * CRM_OK or CRM_ENOMEM. */
crm_status_t crm_cli_test_timer_suppose(crm_cli_laters_t *laters,
    const crm_module_t *module, const crm_cli_passed_t *passed);

/* Judges one that has come, and adds what follows. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_cli_test_timer_come(crm_cli_laters_t *laters,
    crm_cli_later_t *later, const crm_cli_passed_t *passed);

/* Sets the times that the backend sets by itself, as far as timers of module
 * are counted from them. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_cli_test_timer_stamp(crm_str_t *stored,
    const crm_module_t *module, crm_operation_t operation, long long now_ms,
    crm_pool_t *pool);


/* The id that a record names; left alone if it names none. CRM_OK or
 * CRM_ENOMEM. */
crm_status_t crm_cli_test_id(crm_str_t *id, const crm_record_t *record,
    crm_pool_t *pool);

/* Makes the changes of plan to what is kept of a record; event, or NULL, knows
 * its marks. CRM_OK or CRM_ENOMEM. */
crm_status_t crm_cli_test_state_change(crm_state_t *state,
    const crm_plan_t *plan, const crm_event_t *event, crm_pool_t *pool);


/*
 * Writes the outcome of a step: decision, code, rule, reason, fired, shadow,
 * not_fired, record, locked_by, actions, scheduled, trace. CRM_OK or
 * CRM_ENOMEM.
 */
typedef struct {
    crm_span_t               trace;         /* with explain and whole; NONE:
                                               time has passed, no more */
    const char              *code;          /* NULL: nothing refused */
    crm_str_t                stored;        /* the record where no write was
                                               done, else empty */
    const crm_str_t         *locked_by;
    size_t                   locked_count;
    const crm_cli_laters_t  *laters;
    const crm_module_t      *module;
} crm_cli_outcome_t;

crm_status_t crm_cli_test_outcome(crm_buf_t *buf,
    const crm_cli_outcome_t *outcome);


/* ---- reports ---- */

typedef enum {
    CRM_CLI_TEST_TABLE = 0,
    CRM_CLI_TEST_JSON,
    CRM_CLI_TEST_TAP,
    CRM_CLI_TEST_JUNIT
} crm_cli_test_format_t;

typedef struct {
    const char          *dir;
    crm_cli_result_t    *items;
    size_t               count;
    size_t               failed;
} crm_cli_results_t;

/* Where a path of a case's document stands: *line and *column. */
void crm_cli_test_place(const crm_cli_case_t *of, const char *path,
    unsigned *line, unsigned *column);

/* Two columns, expected and got, as wide as the terminal of out, in colour if
 * it is one; indent is put before each line. */
void crm_cli_test_diff(const crm_cli_result_t *result, const char *indent,
    FILE *out);

/* The whole of a failure: where, what was written, what differs, what the
 * rules said. */
void crm_cli_test_failure(const crm_cli_result_t *result, const char *indent,
    FILE *out);

void crm_cli_test_table(const crm_cli_results_t *results, FILE *out);
void crm_cli_test_tap(const crm_cli_results_t *results, FILE *out);
void crm_cli_test_junit(const crm_cli_results_t *results, FILE *out);

/* New, or NULL without memory. */
json_t *crm_cli_test_json(const crm_cli_results_t *results);

#endif
