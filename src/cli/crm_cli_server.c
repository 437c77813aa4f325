/*
 * Through /crm_api/ of nginx, with a person's rights.
 */

#include "crm_cli_server.h"
#include "crm_cli_http.h"
#include "crm_cli_print.h"
#include "record/crm_dialect_kind.h"

#include <errno.h>


#define SERVER_MAX_TOKEN  4096


static crm_cli_exit_t server_url(crm_str_t *url, crm_cli_t *cli,
    crm_str_t path);
static crm_cli_exit_t server_token(crm_str_t *header, crm_cli_t *cli);
static crm_cli_exit_t server_read(json_t **answer, crm_cli_t *cli,
    const crm_cli_http_answer_t *got);
static const char *server_advice(unsigned status);


crm_cli_exit_t
crm_cli_server(json_t **answer, crm_cli_t *cli, const char *method,
    crm_str_t path, const json_t *body)
{
    unsigned         status;
    crm_cli_exit_t   rc;

    rc = crm_cli_server_ask(answer, &status, cli, method, path, body);

    if (rc == CRM_CLI_OK && (status < 200 || status > 299)) {
        crm_cli_server_refused(cli, status, *answer);
        json_decref(*answer);
        *answer = NULL;
        return CRM_CLI_FAILED;
    }

    return rc;
}


crm_cli_exit_t
crm_cli_server_ask(json_t **answer, unsigned *status, crm_cli_t *cli,
    const char *method, crm_str_t path, const json_t *body)
{
    char                   *text;
    crm_str_t               header;
    crm_error_t             err;
    crm_status_t            rc;
    crm_cli_exit_t          failed;
    crm_cli_http_t          request;
    crm_cli_http_answer_t   got;

    *answer = NULL;
    memset(&request, 0, sizeof(crm_cli_http_t));
    request.method = method;
    request.timeout_ms = cli->opts.timeout_ms;

    failed = server_url(&request.url, cli, path);
    if (failed == CRM_CLI_OK && cli->opts.token_file) {
        failed = server_token(&header, cli);
        request.headers = &header;
        request.headers_count = 1;
    }
    if (failed != CRM_CLI_OK) {
        return failed;
    }

    text = body ? json_dumps(body, JSON_COMPACT | CRM_CLI_JSON_REALS) : NULL;
    if (body && text == NULL) {
        return crm_cli_no_memory();
    }

    request.body = text ? crm_strz(text) : CRM_STR_NULL;
    rc = crm_cli_http(&got, &request, cli->pool, &err);
    free(text);

    if (rc != CRM_OK) {
        if (rc == CRM_ENOMEM) {
            return crm_cli_no_memory();
        }
        crm_cli_complain("%s", err.text);
        return CRM_CLI_FAILED;
    }

    *status = got.status;

    return server_read(answer, cli, &got);
}


static crm_cli_exit_t
server_url(crm_str_t *url, crm_cli_t *cli, crm_str_t path)
{
    size_t       len;
    const char  *server, *rest;

    server = cli->opts.server;
    rest = strncmp(server, "http://", 7) == 0 ? server + 7
           : strncmp(server, "https://", 8) == 0 ? server + 8 : NULL;

    if (rest == NULL || rest[0] == '\0' || rest[0] == '/'
        || strpbrk(rest, "?#@ "))
    {
        crm_cli_complain("--server takes the address of nginx, such as"
                         " http://127.0.0.1:8080, or with the path of its"
                         " crm_api location, not \"%s\"", server);
        return CRM_CLI_USAGE;
    }

    for (len = strlen(server); server[len - 1] == '/'; len--) {
        /* void */
    }

    *url = crm_pool_printf(cli->pool, "%.*s%s/%.*s", (int) len, server,
                           memchr(rest, '/', (size_t) (server + len - rest))
                           ? "" : CRM_CLI_SERVER_PATH, (int) path.len,
                           path.data);

    return url->data ? CRM_CLI_OK : crm_cli_no_memory();
}


/* Its first line. */
static crm_cli_exit_t
server_token(crm_str_t *header, crm_cli_t *cli)
{
    FILE    *file;
    char     text[SERVER_MAX_TOKEN];
    size_t   len;

    file = fopen(cli->opts.token_file, "r");
    if (file == NULL || fgets(text, sizeof(text), file) == NULL) {
        crm_cli_complain("--token-file: %s cannot be read: %s",
                         cli->opts.token_file,
                         file == NULL ? strerror(errno) : "it is empty");
        if (file) {
            (void) fclose(file);
        }
        return CRM_CLI_FAILED;
    }

    (void) fclose(file);
    len = strcspn(text, " \t\r\n");

    if (len == 0 || text[len + strspn(text + len, " \t\r\n")] != '\0') {
        crm_cli_complain("--token-file: the first line of %s is no token: it"
                         " holds the token alone, not the line of"
                         " crm_api_token_file", cli->opts.token_file);
        return CRM_CLI_FAILED;
    }

    *header = crm_pool_printf(cli->pool, "Authorization: Bearer %.*s",
                              (int) len, text);
    memset(text, 0, sizeof(text));

    return header->data ? CRM_CLI_OK : crm_cli_no_memory();
}


static crm_cli_exit_t
server_read(json_t **answer, crm_cli_t *cli,
    const crm_cli_http_answer_t *got)
{
    json_t  *json;

    json = got->body.len ? json_loadb(got->body.data, got->body.len,
                                      JSON_ALLOW_NUL, NULL) : NULL;

    if (json == NULL && got->body.len && got->status >= 200
        && got->status <= 299)
    {
        crm_cli_complain("%s answers, but not as crm_api does: is that the"
                         " location?", cli->opts.server);
        return CRM_CLI_FAILED;
    }

    *answer = json;

    return CRM_CLI_OK;
}


void
crm_cli_server_refused(crm_cli_t *cli, unsigned status, const json_t *problem)
{
    const char  *detail, *advice;

    detail = json_string_value(json_object_get(problem, "detail"));
    if (detail == NULL) {
        detail = json_string_value(json_object_get(problem, "title"));
    }

    advice = server_advice(status);

    crm_cli_complain("%s refuses it (%u): %s%s%s", cli->opts.server, status,
                     detail ? detail : "no reason was given",
                     advice[0] ? ": " : "", advice);
}


static const char *
server_advice(unsigned status)
{
    switch (status) {

    case 401:
        return "name the file of your token with --token-file";

    case 403:
        return "the user of this token may not do that";

    case 405:
        return "this nginx does not do that, or its crm_api is without"
               " write=on";

    case 503:
        return "try again in a moment; crmctl doctor says what is wrong";

    default:
        return "";
    }
}


crm_cli_exit_t
crm_cli_server_record(crm_str_t *module, crm_str_t *id, const char *command,
    const char *text)
{
    const char  *slash;

    slash = strchr(text, '/');

    if (slash == NULL || slash == text || slash[1] == '\0'
        || strchr(slash + 1, '/'))
    {
        crm_cli_complain("%s takes a record as MODULE/ID, such as"
                         " Deals/4150868000000624033, not \"%s\"", command,
                         text);
        return CRM_CLI_USAGE;
    }

    *module = crm_str(text, (size_t) (slash - text));
    *id = crm_strz(slash + 1);

    return CRM_CLI_OK;
}


crm_str_t
crm_cli_server_path(crm_cli_t *cli, const char *topic, crm_str_t module,
    crm_str_t id)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, cli->pool, 0);
    crm_buf_puts(&buf, topic);
    crm_buf_putc(&buf, '/');
    crm_dialect_encode(&buf, module);
    crm_buf_putc(&buf, '/');
    crm_dialect_encode(&buf, id);

    return crm_buf_status(&buf) == CRM_OK ? crm_buf_view(&buf) : CRM_STR_NULL;
}
