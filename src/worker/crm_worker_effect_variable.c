/*
 * What a function asks of the world: CRM variables.
 *
 * What a script sets is kept beside the rules, with what the rules said then:
 * a revision that changes its value takes the place of what was set before.
 * Rules themselves go by their revision.
 *
 *     variables: NAME -> {"value": ..., "rules": ..., "by", "at"}
 */

#include "crm_worker_effect_call.h"

#include "rules/crm_variable.h"


static const crm_variable_t *variable_find(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end);
static void variable_read(void *data, const crm_reply_t *reply);


int
crm_worker_effect_variable(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    crm_cmd_t             *cmd;
    crm_pool_t            *pool;
    const crm_variable_t  *variable;

    variable = variable_find(effect, end);
    if (variable == NULL) {
        return 0;
    }

    pool = crm_pool_create(crm_host_malloc(), 0);
    cmd = pool ? crm_cmd_variable(pool, effect->run->job->org, variable->name)
               : NULL;
    effect->variable = variable;
    effect->ask = crm_worker_ask(effect->run->tools->link, pool, cmd,
                                 variable_read, effect);

    return effect->ask
           ? 1 : crm_worker_effect_throw(effect, end, 1,
                                         "Redis cannot be asked");
}


int
crm_worker_effect_set_variable(crm_worker_effect_t *effect,
    crm_worker_effect_end_t *end)
{
    crm_buf_t              buf;
    const crm_variable_t  *variable;

    variable = variable_find(effect, end);
    if (variable == NULL) {
        return 0;
    }

    if (!crm_variable_fits(variable, effect->args[1], effect->pool)) {
        return crm_worker_effect_throw(effect, end, 0, "the variable %.*s is"
                   " of type %.*s, which this value is not",
                   (int) variable->name.len, variable->name.data,
                   (int) variable->type.len, variable->type.data);
    }

    crm_buf_init(&buf, effect->pool, 0);
    crm_buf_puts(&buf, "{\"value\":");
    crm_buf_str(&buf, crm_span_raw(effect->args[1]));
    crm_buf_puts(&buf, ",\"rules\":");
    crm_buf_str(&buf, variable->json);
    crm_buf_puts(&buf, ",\"by\":");
    crm_buf_json(&buf, effect->run->name);
    crm_buf_puts(&buf, ",\"at\":");
    crm_buf_int(&buf, effect->run->now_ms);
    crm_buf_putc(&buf, '}');

    if (crm_buf_status(&buf) != CRM_OK) {
        return crm_worker_effect_throw(effect, end, 1, "out of memory");
    }

    end->kind = CRM_WORKER_FRAME_ANSWER;
    end->text = CRM_STR("{\"status\":\"success\"}");
    end->deed.kind = CRM_CMD_SET;
    end->deed.name = variable->name;
    end->deed.text = crm_buf_view(&buf);

    return 0;
}


static const crm_variable_t *
variable_find(crm_worker_effect_t *effect, crm_worker_effect_end_t *end)
{
    crm_str_t               name;
    const crm_map_entry_t  *entry;

    name = crm_worker_effect_arg(effect, 0);
    entry = crm_map_find(&crm_ruleset_names(effect->run->rules)->variables,
                         name);

    if (entry == NULL) {
        (void) crm_worker_effect_throw(effect, end, 0, "the rules have no"
                                       " variable %.*s", (int) name.len,
                                       name.data);
        return NULL;
    }

    return entry->value;
}


static void
variable_read(void *data, const crm_reply_t *reply)
{
    crm_span_t                root, value, rules;
    crm_scan_t                scan;
    crm_error_t               err;
    crm_worker_effect_t      *effect = data;
    crm_worker_effect_end_t   end;

    effect->ask = NULL;
    memset(&end, 0, sizeof(end));
    end.kind = CRM_WORKER_FRAME_ANSWER;
    end.text = effect->variable->json;

    if (reply == NULL || (reply->type != CRM_REPLY_NIL
                          && reply->type != CRM_REPLY_STRING))
    {
        (void) crm_worker_effect_throw(effect, &end, 1,
                                       "Redis did not answer");

    } else if (reply->type == CRM_REPLY_STRING) {
        crm_scan_init(&scan, crm_pool_dup(effect->pool, reply->str), NULL,
                      effect->pool);

        if (crm_scan_value(&scan, &root, &err) == CRM_OK
            && root.type == CRM_JSON_OBJECT)
        {
            value = crm_span_member(root, CRM_STR("value"));
            rules = crm_span_member(root, CRM_STR("rules"));

            if (value.type != CRM_JSON_NONE && rules.type != CRM_JSON_NONE
                && crm_str_eq(crm_span_raw(rules), effect->variable->json))
            {
                end.text = crm_span_raw(value);
            }
        }
    }

    effect->done(effect->data, &end);
}
