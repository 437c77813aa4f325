/*
 * The command dialect: a dialect file checked, and tried with a request.
 */

#include "crm_cli.h"
#include "crm_cli_folder.h"
#include "crm_cli_print.h"
#include "base/crm_limits.h"
#include "rules/crm_dialect_parse.h"


#define DIALECT_MAX_HEADERS  100

/* A request as it stands in a file. */
typedef struct {
    crm_str_t  method;
    crm_str_t  target;
    crm_str_t  query;
    crm_str_t  names[DIALECT_MAX_HEADERS];
    crm_str_t  values[DIALECT_MAX_HEADERS];
    size_t     count;
    crm_str_t  body;
} request_t;


static const crm_dialect_t *dialect_load(crm_cli_t *cli,
    crm_cli_exit_t *exit);
static const crm_dialect_t *dialect_report(crm_cli_t *cli,
    const crm_dialect_parsed_t *parsed, crm_cli_exit_t *exit);
static crm_cli_exit_t dialect_try(crm_cli_t *cli,
    const crm_dialect_t *dialect);
static int request_parse(request_t *request, crm_str_t text);
static crm_str_t request_line(crm_str_t *text);
static int request_header(void *host, crm_str_t name, crm_str_t *value);
static crm_cli_exit_t try_run(crm_cli_t *cli, const crm_dialect_t *dialect,
    request_t *request);
static crm_status_t try_inners(const crm_dialect_t *dialect,
    crm_request_t *decoded, const crm_scan_limits_t *limits,
    crm_pool_t *pool, crm_refusal_t *refusal);
static crm_cli_exit_t try_refused(crm_cli_t *cli,
    const crm_dialect_t *dialect, const crm_refusal_t *refusal);
static void try_print_what(const crm_route_t *route,
    const crm_item_t *item);
static crm_cli_exit_t try_print(const crm_dialect_t *dialect,
    const crm_route_t *route, const crm_request_t *decoded,
    crm_pool_t *pool);


crm_cli_exit_t
crm_cli_dialect(crm_cli_t *cli)
{
    crm_cli_exit_t        rc;
    const char           *what;
    const crm_dialect_t  *dialect;

    what = cli->opts.args[1];

    if ((strcmp(what, "check") != 0 && strcmp(what, "try") != 0)
        || cli->opts.nargs < 3)
    {
        crm_cli_complain("dialect: write \"crmctl dialect check FILE\" or"
                         " \"crmctl dialect try FILE --request FILE\"");
        return CRM_CLI_USAGE;
    }

    if (strcmp(what, "try") == 0 && cli->opts.request == NULL) {
        crm_cli_complain("dialect try needs a request: --request FILE, with"
                         " its first line, its headers, an empty line and"
                         " its body");
        return CRM_CLI_USAGE;
    }

    dialect = dialect_load(cli, &rc);

    return dialect && strcmp(what, "try") == 0 ? dialect_try(cli, dialect)
                                               : rc;
}


/* A file, or for try the name of one that is built in. */
static const crm_dialect_t *
dialect_load(crm_cli_t *cli, crm_cli_exit_t *exit)
{
    crm_str_t              text;
    crm_error_t            err;
    crm_status_t           rc;
    const char            *file;
    crm_dialect_parsed_t   parsed;

    *exit = CRM_CLI_FAILED;
    file = cli->opts.args[2];

    if (strcmp(cli->opts.args[1], "try") == 0
        && crm_dialect_find(crm_strz(file)))
    {
        return crm_dialect_find(crm_strz(file));
    }

    rc = crm_cli_file_read(&text, file, CRM_DIALECT_MAX_FILE, cli->pool,
                           &err);

    if (rc == CRM_OK) {
        rc = crm_dialect_parse(&parsed, text, cli->pool);

    } else if (rc != CRM_ENOMEM) {
        crm_cli_complain("%s: %s", file, err.text);
        return NULL;
    }

    if (rc != CRM_OK) {
        *exit = crm_cli_no_memory();
        return NULL;
    }

    return dialect_report(cli, &parsed, exit);
}


static const crm_dialect_t *
dialect_report(crm_cli_t *cli, const crm_dialect_parsed_t *parsed,
    crm_cli_exit_t *exit)
{
    size_t                      i;
    json_t                     *json;
    crm_cli_findings_t          findings;
    const crm_dialect_fault_t  *f;

    crm_cli_findings_init(&findings, cli->pool);

    for (i = 0; i < parsed->count; i++) {
        f = &parsed->faults[i];
        crm_cli_findings_add(&findings, f->finding->severity,
                             cli->opts.args[2], f->line, f->column,
                             f->finding->code, f->finding->suggestion, "%s",
                             f->finding->message);
    }

    if (findings.status != CRM_OK) {
        *exit = crm_cli_no_memory();
        return NULL;
    }

    *exit = parsed->errors ? CRM_CLI_FAILED : CRM_CLI_OK;

    if (strcmp(cli->opts.args[1], "check") != 0 || !cli->opts.json) {
        crm_cli_findings_text(&findings, stderr);

        if (strcmp(cli->opts.args[1], "check") == 0 && !parsed->errors) {
            printf("%s: no errors\n", cli->opts.args[2]);
        }

        return parsed->dialect;
    }

    json = crm_cli_findings_json(&findings);
    if (json == NULL || crm_cli_print_json(json, stdout) != 0) {
        *exit = crm_cli_no_memory();
    }

    json_decref(json);

    return parsed->dialect;
}


static crm_cli_exit_t
dialect_try(crm_cli_t *cli, const crm_dialect_t *dialect)
{
    crm_str_t      text;
    request_t      request;
    crm_error_t    err;
    crm_status_t   rc;

    rc = crm_cli_file_read(&text, cli->opts.request, 2 * CRM_MAX_BODY_BYTES,
                           cli->pool, &err);

    if (rc == CRM_ENOMEM) {
        return crm_cli_no_memory();
    }

    if (rc != CRM_OK) {
        crm_cli_complain("%s: %s", cli->opts.request, err.text);
        return CRM_CLI_FAILED;
    }

    if (request_parse(&request, text) != 0) {
        crm_cli_complain("%s: a request begins with a line such as \"PUT"
                         " /Leads/1\", then come headers, an empty line and"
                         " the body; the path is what follows crm_prefix",
                         cli->opts.request);
        return CRM_CLI_FAILED;
    }

    return try_run(cli, dialect, &request);
}


static int
request_parse(request_t *request, crm_str_t text)
{
    size_t       n;
    crm_str_t    line;
    const char  *at;

    memset(request, 0, sizeof(request_t));

    line = request_line(&text);
    at = line.len ? memchr(line.data, ' ', line.len) : NULL;
    if (at == NULL) {
        return -1;
    }

    request->method = crm_str(line.data, (size_t) (at - line.data));
    line = crm_str(at + 1, line.len - request->method.len - 1);
    at = line.len ? memchr(line.data, ' ', line.len) : NULL;
    n = at ? (size_t) (at - line.data) : line.len;

    if (n == 0 || line.data[0] != '/') {
        return -1;
    }

    request->target = crm_str(line.data + 1, n - 1);
    at = n > 1 ? memchr(request->target.data, '?', n - 1) : NULL;

    if (at) {
        n = (size_t) (at - request->target.data);
        request->query = crm_str(at + 1, request->target.len - n - 1);
        request->target.len = n;
    }

    while (text.len) {
        line = request_line(&text);

        if (line.len == 0) {
            break;
        }

        at = memchr(line.data, ':', line.len);
        if (at == NULL || request->count == DIALECT_MAX_HEADERS) {
            return -1;
        }

        n = (size_t) (at - line.data);
        request->names[request->count] = crm_str(line.data, n);

        for (n++; n < line.len && line.data[n] == ' '; n++) { /* void */ }

        request->values[request->count++] = crm_str(line.data + n,
                                                    line.len - n);
    }

    /* an editor's last line end is none of the body's */

    request->body = text;

    if (text.len && text.data[text.len - 1] == '\n') {
        request->body.len--;
    }

    return 0;
}


/* Cuts a line off *text. */
static crm_str_t
request_line(crm_str_t *text)
{
    size_t       n;
    crm_str_t    line;
    const char  *end;

    end = text->len ? memchr(text->data, '\n', text->len) : NULL;
    n = end ? (size_t) (end - text->data) : text->len;
    line = crm_str(text->data, n);

    n += end != NULL;
    *text = crm_str(text->data + n, text->len - n);

    if (line.len && line.data[line.len - 1] == '\r') {
        line.len--;
    }

    return line;
}


static int
request_header(void *host, crm_str_t name, crm_str_t *value)
{
    size_t      i;
    request_t  *request = host;

    for (i = 0; i < request->count; i++) {
        if (crm_str_caseeq(request->names[i], name)) {
            *value = request->values[i];
            return 1;
        }
    }

    return 0;
}


static crm_cli_exit_t
try_run(crm_cli_t *cli, const crm_dialect_t *dialect, request_t *request)
{
    crm_ask_t          ask;
    crm_str_t          encoding;
    crm_route_t        route;
    crm_status_t       rc;
    crm_refusal_t      refusal;
    crm_request_t      decoded;
    crm_scan_limits_t  limits;

    memset(&ask, 0, sizeof(crm_ask_t));
    memset(&refusal, 0, sizeof(crm_refusal_t));

    ask.method = request->method;
    ask.target = request->target;
    ask.query = request->query;
    ask.header = request_header;
    ask.host = request;
    encoding = CRM_STR_NULL;
    limits.max_nodes = CRM_MAX_NODES;
    limits.max_depth = CRM_MAX_DEPTH;

    (void) request_header(request, CRM_STR("content-type"),
                          &ask.content_type);
    (void) request_header(request, CRM_STR("content-encoding"), &encoding);

    rc = crm_dialect_ask(dialect, &route, &ask, cli->pool, &refusal);

    if (rc == CRM_OK && (route.has_body || request->body.len)) {
        rc = crm_dialect_type(dialect, ask.content_type, encoding, &refusal);
    }

    if (rc == CRM_OK) {
        rc = crm_dialect_decode(dialect, &decoded, &route, request->body,
                                &limits, CRM_MAX_RECORDS, cli->pool, &refusal);
    }

    if (rc == CRM_DECLINED) {
        printf("passes: a read, or a write that is not judged\n");
        return CRM_CLI_OK;
    }

    if (rc == CRM_OK && decoded.inners) {
        rc = try_inners(dialect, &decoded, &limits, cli->pool, &refusal);
    }

    if (rc == CRM_EINVAL || rc == CRM_ELIMIT) {
        return try_refused(cli, dialect, &refusal);
    }

    return rc == CRM_OK ? try_print(dialect, &route, &decoded, cli->pool)
                        : crm_cli_no_memory();
}


/* The records of the requests in one. */
static crm_status_t
try_inners(const crm_dialect_t *dialect, crm_request_t *decoded,
    const crm_scan_limits_t *limits, crm_pool_t *pool, crm_refusal_t *refusal)
{
    size_t        i;
    crm_item_t    item;
    crm_inner_t  *inner;
    crm_status_t  rc;

    rc = CRM_OK;

    for (i = 0; rc == CRM_OK && i < decoded->n_inners; i++) {
        inner = &decoded->inners[i];

        if (inner->route.operation == CRM_OP_NONE
            && !inner->route.resolve)
        {
            continue;
        }

        rc = crm_dialect_inner(dialect, decoded, inner, limits,
                               CRM_MAX_RECORDS, pool, refusal);

        if (rc == CRM_OK && inner->count == 0) {
            memset(&item, 0, sizeof(crm_item_t));
            item.operation = inner->route.operation;
            item.module = inner->route.module;

            try_print_what(&inner->route, &item);
            printf(", of records that it does not name\n");
        }
    }

    return rc;
}


static crm_cli_exit_t
try_refused(crm_cli_t *cli, const crm_dialect_t *dialect,
    const crm_refusal_t *refusal)
{
    size_t      i;
    unsigned    status;
    crm_buf_t   body;
    crm_str_t   type, name, value;

    crm_buf_init(&body, cli->pool, 0);
    status = crm_dialect_refuse(dialect, &body, &type, refusal);

    if (crm_buf_status(&body) != CRM_OK) {
        return crm_cli_no_memory();
    }

    printf("refused: ");
    crm_cli_print_str(refusal->reason, stdout);
    printf("\nanswer:  %u %.*s\n", status, (int) type.len, type.data);

    for (i = 0; crm_dialect_refuse_header(dialect, i, &name, &value, refusal,
                                          cli->pool) == CRM_OK; i++)
    {
        printf("         %.*s: ", (int) name.len, name.data);
        crm_cli_print_str(value, stdout);
        putchar('\n');
    }

    if (body.len) {
        printf("         ");
        crm_cli_print_str(crm_buf_view(&body), stdout);
        putchar('\n');
    }

    return CRM_CLI_FAILED;
}


static crm_cli_exit_t
try_print(const crm_dialect_t *dialect, const crm_route_t *route,
    const crm_request_t *decoded, crm_pool_t *pool)
{
    size_t             i, k;
    crm_status_t       rc;
    crm_target_t       target;
    const crm_item_t  *item;

    if (decoded->count == 0 && decoded->inners) {
        return CRM_CLI_OK;
    }

    if (decoded->count == 0 || decoded->all) {
        printf("writes records that it does not name: refused where rules"
               " guard the module\n");
        return CRM_CLI_OK;
    }

    for (i = 0; i < decoded->count; i++) {
        item = &decoded->items[i];

        try_print_what(route, item);

        for (k = 0; item->record && k < item->record->count; k++) {
            printf("\n  ");
            crm_cli_print_str(item->record->fields[k].name, stdout);
            printf(" = ");
            crm_cli_print_str(crm_span_raw(item->record->fields[k].value),
                              stdout);
        }

        putchar('\n');
    }

    rc = crm_dialect_get(dialect, &target, route, decoded, pool);

    if (rc == CRM_ENOMEM) {
        return crm_cli_no_memory();
    }

    if (rc == CRM_OK) {
        printf("read first: GET /");
        crm_cli_print_str(target.path, stdout);
        printf("%s", target.query.len ? "?" : "");
        crm_cli_print_str(target.query, stdout);
        putchar('\n');
    }

    return CRM_CLI_OK;
}


/* update Leads/7, convert Leads/7; of a request inside of one as well. */
static void
try_print_what(const crm_route_t *route, const crm_item_t *item)
{
    if (item->inner) {
        route = &item->inner->route;
    }

    crm_cli_print_str(item->operation == CRM_OP_ACTION
                      || item->operation == CRM_OP_NONE ? route->action
                      : crm_strz(crm_operation_name(item->operation)),
                      stdout);
    putchar(' ');
    crm_cli_print_str(item->module, stdout);

    if (item->record_id.len) {
        putchar('/');
        crm_cli_print_str(item->record_id, stdout);
    }
}
