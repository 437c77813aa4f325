/*
 * The requests of effects.
 */

#include "crm_worker_effect_call.h"

#include "crm_worker_recover.h"

#include "rules/crm_template.h"

#include <stdarg.h>
#include <stdio.h>


#define EFFECT_LINES  3


int
crm_worker_effect_throw(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end, int passing, const char *fmt, ...)
{
    char     text[200];
    va_list  args;

    va_start(args, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    end->kind = CRM_WORKER_FRAME_THROW;
    end->passing = passing;
    end->text = effect ? crm_pool_dup(effect->pool, crm_strz(text))
                       : CRM_STR("out of memory");

    if (end->text.data == NULL) {
        end->text = CRM_STR("out of memory");
    }

    return 0;
}


/* Its dialect lives as long as the rules that it stands in, which may not be
 * the current ones any more when the answer comes. */
int
crm_worker_effect_backend(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    crm_worker_org_t       *org;
    crm_worker_revision_t  *before;

    org = effect->run->job->owner;
    before = effect->run->asked;
    effect->run->asked = org->revision;

    if (org->revision != NULL) {
        crm_worker_rules_hold(org->revision);
    }

    if (before != NULL) {
        crm_worker_rules_release(before);
    }

    crm_worker_recover_backend(org, &effect->backend);

    return effect->backend.url.data
           ? 1 : crm_worker_effect_throw(effect, end, 1, "there is no backend:"
                                         " give --backend or apply a kind:"
                                         " backend");
}


int
crm_worker_effect_vendor(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    if (!crm_worker_effect_backend(effect, end)) {
        return 0;
    }

    return crm_dialect_has(effect->backend.dialect, CRM_WAY_SCRIPTS)
           ? 1 : crm_worker_effect_throw(effect, end, 0, "the backend's"
                                         " dialect has no way to ask for"
                                         " that");
}


crm_str_t
crm_worker_effect_arg(crm_worker_effect_t *effect, size_t i)
{
    crm_str_t   text;
    crm_span_t  arg;

    arg = effect->args[i];

    text = arg.type == CRM_JSON_STRING ? crm_span_text(arg, effect->pool)
                                       : crm_span_raw(arg);

    return text.data ? text : CRM_STR("");
}


void
crm_worker_effect_escape(crm_buf_t *path, crm_str_t text)
{
    crm_template_escape(path, CRM_ESCAPE_URL, text);
}


int
crm_worker_effect_fetch(crm_worker_effect_t *effect, crm_str_t path,
    crm_worker_effect_end_t *end)
{
    crm_worker_outcome_t          outcome;
    crm_worker_dispatch_tools_t  *tools;

    if (path.data == NULL) {
        return crm_worker_effect_throw(effect, end, 1, "out of memory");
    }

    if (!crm_worker_effect_count(effect, end)) {
        return 0;
    }

    tools = effect->run->tools;
    crm_worker_answer_init(&effect->answer, effect->pool,
                           CRM_WORKER_EFFECT_ANSWER);

    effect->call = crm_worker_backend_get(&effect->backend, &tools->http,
                                          &tools->secrets, path,
                                          tools->http.timeout_ms,
                                          &effect->answer,
                                          crm_worker_effect_answered, effect,
                                          &outcome);

    return effect->call
           ? 1 : crm_worker_effect_throw(effect, end,
                                         outcome.verdict == CRM_WORKER_FAILED,
                                         "there is no answer: %s",
                                         outcome.reason);
}


int
crm_worker_effect_send(crm_worker_effect_t *effect,
    const crm_dialect_request_t *made, crm_str_t url, crm_str_t chain,
    crm_worker_effect_end_t *end)
{
    crm_worker_outcome_t           outcome;
    crm_worker_backend_line_t      lines[EFFECT_LINES];
    crm_worker_dispatch_tools_t   *tools;
    crm_worker_backend_request_t   request;

    if (!crm_worker_effect_count(effect, end)) {
        return 0;
    }

    tools = effect->run->tools;
    memset(&request, 0, sizeof(request));

    lines[0].name = CRM_STR("Content-Type");
    lines[0].value = effect->type.len ? effect->type
                                      : CRM_STR("application/json");
    lines[1].name = CRM_STR("Idempotency-Key");
    lines[1].value = effect->id;
    lines[2].name = CRM_STR("CRM-Chain");
    lines[2].value = chain;

    request.method = made->method;
    request.url = url;
    request.body = made->body;
    request.lines = lines;
    request.n_lines = EFFECT_LINES;

    crm_worker_answer_init(&effect->answer, effect->pool,
                           CRM_WORKER_EFFECT_ANSWER);

    effect->call = crm_worker_backend_send(&effect->backend, &tools->http,
                                           &tools->secrets, &request,
                                           tools->http.timeout_ms,
                                           &effect->answer,
                                           crm_worker_effect_answered, effect,
                                           &outcome);

    return effect->call
           ? 1 : crm_worker_effect_throw(effect, end,
                                         outcome.verdict == CRM_WORKER_FAILED,
                                         "there is no answer: %s",
                                         outcome.reason);
}


int
crm_worker_effect_count(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    if (effect->run->calls++ < CRM_WORKER_EFFECT_CALLS) {
        return 1;
    }

    (void) crm_worker_effect_throw(effect, end, 0, "more than %d requests",
                                   CRM_WORKER_EFFECT_CALLS);
    end->kind = CRM_WORKER_FRAME_LIMIT;

    return 0;
}


/* An answer of any status is one, if it came to its end. */
void
crm_worker_effect_answered(void *data, const crm_worker_outcome_t *outcome)
{
    crm_worker_effect_t      *effect = data;
    crm_worker_effect_end_t   end;

    effect->call = NULL;
    memset(&end, 0, sizeof(end));

    if (outcome->verdict == CRM_WORKER_DELIVERED && !effect->answer.encoded) {
        effect->read(effect, &end);

    } else {
        (void) crm_worker_effect_throw(effect, &end,
                                       outcome->verdict == CRM_WORKER_FAILED,
                                       "there is no answer: %s",
                                       effect->answer.encoded
                                       ? "it is compressed"
                                       : outcome->reason);
    }

    effect->done(effect->data, &end);
}


/*
 * What the CRM or one of our guards refuses by a word is an answer that the
 * script can read; a CRM that fails, or says nothing that can be read, throws.
 */
void
crm_worker_effect_refused(crm_worker_effect_t *effect,
    const crm_dialect_said_t *said, crm_worker_effect_end_t *end)
{
    crm_buf_t  buf;
    unsigned   status;

    status = effect->answer.status;

    if (status == 409) {
        end->kind = 0;
        end->busy_ms = CRM_WORKER_EFFECT_BUSY_MS;
        return;
    }

    if (said == NULL || said->kind != CRM_OUTCOME_REFUSED
        || said->code.len == 0 || status >= 500 || status == 429)
    {
        (void) crm_worker_effect_throw(effect, end, status >= 500
                                       || status == 429 || status == 408
                                       || status < 300,
                                       "the CRM answered %u%s", status,
                                       said && said->code.len
                                       ? "" : ", and nothing that can be"
                                              " read");
        return;
    }

    crm_buf_init(&buf, effect->pool, 0);
    crm_buf_puts(&buf, "{\"status\":\"error\",\"code\":");
    crm_buf_json(&buf, said->code);
    crm_buf_puts(&buf, ",\"message\":");
    crm_buf_json(&buf, said->message);
    crm_buf_putc(&buf, '}');

    end->kind = CRM_WORKER_FRAME_ANSWER;
    end->text = crm_buf_view(&buf);
}
