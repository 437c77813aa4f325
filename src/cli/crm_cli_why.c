/*
 * The command why: what holds a record, and what would let it go.
 *
 * With --server nginx makes the document; else it is made here, of what Redis
 * knows, and of the stored record where --backend says how to read it.
 */

#include "crm_cli_http.h"
#include "crm_cli_live.h"
#include "crm_cli_print.h"
#include "crm_cli_server.h"
#include "decide/crm_held.h"
#include "record/crm_dialect_kind.h"

#include <stdlib.h>


typedef struct {
    crm_cli_t       *cli;
    crm_store_t     *store;
    crm_ruleset_t   *rules;
    crm_holds_t      holds;
    crm_record_t     stored;
    crm_held_t       held;
} why_t;


static crm_cli_exit_t why_here(json_t **doc, why_t *why);
static crm_status_t why_rules(why_t *why, crm_error_t *err);
static void why_rules_end(void *data);
static crm_status_t why_holds(why_t *why, crm_error_t *err);
static crm_status_t why_stored(why_t *why, crm_error_t *err);
static crm_status_t why_headers(crm_cli_http_t *request, why_t *why,
    const crm_backend_t *backend, crm_error_t *err);
static crm_cli_exit_t why_print(crm_cli_t *cli, const json_t *doc);


crm_cli_exit_t
crm_cli_why(crm_cli_t *cli)
{
    why_t            why;
    json_t          *doc;
    crm_str_t        path;
    crm_cli_exit_t   rc;

    memset(&why, 0, sizeof(why_t));
    why.cli = cli;
    doc = NULL;

    rc = crm_cli_server_record(&why.held.record.module, &why.held.record.id,
                               "why", cli->opts.args[1]);
    if (rc != CRM_CLI_OK) {
        return rc;
    }

    if (cli->opts.server) {
        path = crm_cli_server_path(cli, "why", why.held.record.module,
                                   why.held.record.id);
        rc = path.data ? crm_cli_server(&doc, cli, "GET", path, NULL)
             : crm_cli_no_memory();
    } else {
        rc = why_here(&doc, &why);
    }

    if (rc == CRM_CLI_OK) {
        rc = why_print(cli, doc);
    }

    json_decref(doc);

    return rc;
}


static crm_cli_exit_t
why_here(json_t **doc, why_t *why)
{
    crm_buf_t      buf;
    crm_error_t    err;
    crm_status_t   rc;

    if (!crm_dialect_is_id(why->held.record.id)) {
        crm_cli_complain("\"%s\" can be no id of a record",
                         why->held.record.id.data);
        return CRM_CLI_USAGE;
    }

    why->store = crm_cli_live_open(why->cli);
    if (why->store == NULL) {
        return CRM_CLI_FAILED;
    }

    rc = why_rules(why, &err);
    if (rc == CRM_DECLINED) {
        return crm_cli_live_none(why->store, why->cli);
    }

    if (rc == CRM_OK) {
        rc = why_holds(why, &err);
    }
    if (rc == CRM_OK && why->cli->opts.backend) {
        rc = why_stored(why, &err);
    }
    if (rc != CRM_OK) {
        return crm_cli_live_failed(rc, &err);
    }

    crm_buf_init(&buf, why->cli->pool, 0);
    why->held.user = crm_strz(why->cli->opts.user ? why->cli->opts.user : "");
    why->held.rules = why->rules;
    why->held.holds = &why->holds;

    if (crm_held_write(&why->held, &buf, why->cli->pool) != CRM_OK) {
        return crm_cli_no_memory();
    }

    *doc = json_loadb(buf.data, buf.len, 0, NULL);

    return *doc ? CRM_CLI_OK : crm_cli_no_memory();
}


/* CRM_DECLINED: the organisation has none. */
static crm_status_t
why_rules(why_t *why, crm_error_t *err)
{
    crm_status_t     rc;
    crm_findings_t   findings;
    crm_cli_live_t   live;

    rc = crm_cli_live_read(&live, why->store, why->cli->opts.org,
                           why->cli->pool, err);
    if (rc != CRM_OK || live.bundle == NULL) {
        return rc != CRM_OK ? rc : CRM_DECLINED;
    }

    crm_findings_init(&findings, why->cli->pool);
    why->rules = crm_ruleset_create(live.bundle, live.revision,
                                    crm_host_malloc(), &findings);
    if (why->rules == NULL) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "revision %lld does not compile: \"crmctl"
                             " doctor\" says why", live.revision);
    }

    return crm_pool_on_destroy(why->cli->pool, why_rules_end, why->rules);
}


static void
why_rules_end(void *data)
{
    crm_ruleset_release(data);
}


static crm_status_t
why_holds(why_t *why, crm_error_t *err)
{
    crm_cmd_t     *cmd;
    crm_reply_t   *reply;
    crm_status_t   rc;

    cmd = crm_holds_cmd(why->cli->pool, crm_strz(why->cli->opts.org),
                        why->held.record);
    if (cmd == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_store_run(why->store, cmd, why->cli->pool, &reply, err);

    return rc == CRM_OK ? crm_holds_parse(&why->holds, reply, why->cli->pool,
                                          err) : rc;
}


/* As the worker would: by the rules' dialect and headers. */
static crm_status_t
why_stored(why_t *why, crm_error_t *err)
{
    crm_str_t               path;
    crm_status_t            rc;
    crm_cli_http_t          request;
    const crm_backend_t    *backend;
    crm_cli_http_answer_t   answer;

    backend = crm_ruleset_backend(why->rules);
    why->held.dialect = backend ? backend->dialect
                        : crm_dialect_default();
    why->held.absent_is_null = crm_dialect_absent_is_null(why->held.dialect);

    memset(&request, 0, sizeof(crm_cli_http_t));
    request.method = "GET";
    request.timeout_ms = why->cli->opts.timeout_ms;

    path = crm_dialect_record_path(why->held.dialect, why->held.record.module,
                                   why->held.record.id, why->cli->pool);
    request.url = path.data ? crm_pool_printf(why->cli->pool, "%s%s%.*s",
                     why->cli->opts.backend, why->cli->opts.backend[
                     strlen(why->cli->opts.backend) - 1] == '/' ? "" : "/",
                     (int) path.len, path.data) : path;

    rc = request.url.data ? why_headers(&request, why, backend, err)
         : CRM_ENOMEM;
    if (rc == CRM_OK) {
        rc = crm_cli_http(&answer, &request, why->cli->pool, err);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    rc = crm_dialect_read_back(why->held.dialect, &why->stored,
                               answer.status, answer.body, NULL,
                               why->cli->pool);
    if (rc == CRM_EINVAL || rc == CRM_ELIMIT) {
        return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                             "%s answers with status %u, and with nothing"
                             " that can be read as a record",
                             request.url.data, answer.status);
    }

    why->held.gone = rc == CRM_DECLINED;
    why->held.stored = rc == CRM_OK ? &why->stored : NULL;

    return rc == CRM_DECLINED ? CRM_OK : rc;
}


/* Secrets of the environment; those in files are the worker's alone. */
static crm_status_t
why_headers(crm_cli_http_t *request, why_t *why, const crm_backend_t *backend,
    crm_error_t *err)
{
    size_t       i;
    const char  *value;
    crm_str_t    name, secret;

    if (backend == NULL || backend->headers_count == 0) {
        return CRM_OK;
    }

    request->headers = crm_pool_calloc(why->cli->pool, backend->headers_count,
                                       sizeof(crm_str_t));
    if (request->headers == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < backend->headers_count; i++) {
        name = backend->headers[i].name;
        secret = backend->headers[i].secret;
        value = secret.len > 4 && memcmp(secret.data, "env:", 4) == 0
                ? getenv(secret.data + 4) : NULL;

        if (value == NULL || strpbrk(value, "\r\n")) {
            return crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                 "the CRM is asked with a header %.*s, whose"
                                 " value is %.*s: set that in the"
                                 " environment, or ask nginx with --server",
                                 (int) name.len, name.data, (int) secret.len,
                                 secret.data);
        }

        request->headers[i] = crm_pool_printf(why->cli->pool, "%.*s: %s",
                                              (int) name.len, name.data,
                                              value);
        if (request->headers[i].data == NULL) {
            return CRM_ENOMEM;
        }

        request->headers_count++;
    }

    return CRM_OK;
}


static crm_cli_exit_t
why_print(crm_cli_t *cli, const json_t *doc)
{
    size_t         i;
    const json_t  *says, *line;

    if (cli->opts.json) {
        return crm_cli_print_json(doc, stdout) == 0 ? CRM_CLI_OK
               : crm_cli_no_memory();
    }

    says = json_object_get(doc, "says");

    json_array_foreach((json_t *) says, i, line) {
        crm_cli_print_text(json_string_value(line), stdout);
        putchar('\n');
    }

    if (json_array_size(says) == 0) {
        printf("nothing holds it\n");
    }

    return CRM_CLI_OK;
}
