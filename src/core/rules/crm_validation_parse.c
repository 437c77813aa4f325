/*
 * kind: validation_rule. What a record must not look like.
 */

#include "rules/crm_validation.h"

#include "base/crm_limits.h"
#include "rules/crm_kind.h"


static const char *const  validation_runs[] = { "always", "opt_in", NULL };

const crm_key_t  crm_validation_keys[] = {
    CRM_KEYS_HEAD,
    { "name", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 100, NULL, NULL,
      "what traces call it" },
    { "module", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MODULE_NAME, NULL,
      NULL, "the CRM module whose records are judged" },
    { "run", CRM_KEY_WORD, 0, 0, 0, validation_runs, NULL,
      "always, or when a write asks for it, which is the default" },
    { "criteria", CRM_KEY_ANY, CRM_KEY_REQUIRED, 0, 0, NULL,
      crm_criteria_forms, "a record that matches is refused" },
    { "field", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, 0, NULL, NULL,
      "the field that a refused client is pointed to" },
    { "message", CRM_KEY_TEXT, CRM_KEY_REQUIRED, 0, CRM_MAX_MESSAGE, NULL,
      NULL, "what a refused client is told" },
    CRM_KEYS_END
};


crm_status_t
crm_kind_validation(crm_build_t *b, const json_t *json)
{
    crm_status_t       rc;
    crm_module_t      *module;
    crm_validation_t  *validation;

    validation = crm_pool_calloc(b->cc.pool, 1, sizeof(crm_validation_t));
    module = crm_kind_in_module(b, json_object_get(json, "module"));

    if (validation == NULL || module == NULL) {
        return CRM_ENOMEM;
    }

    rc = crm_validation_parse(validation, json, &b->cc);

    module->validates_always |= validation->always;

    return rc == CRM_OK ? crm_array_push(&module->validations, validation,
                                        b->cc.pool) : rc;
}


crm_status_t
crm_validation_parse(crm_validation_t *validation, const json_t *json,
    crm_compile_t *cc)
{
    crm_status_t   rc, field;
    const json_t  *criteria;

    memset(validation, 0, sizeof(crm_validation_t));

    validation->always = crm_str_is(crm_shape_str(json_object_get(json,
                                                                  "run")),
                                    "always");
    validation->name = crm_pool_dup(cc->pool,
                           crm_shape_str(json_object_get(json, "name")));
    validation->field = crm_pool_dup(cc->pool,
                           crm_shape_str(json_object_get(json, "field")));
    validation->message = crm_pool_dup(cc->pool,
                           crm_shape_str(json_object_get(json, "message")));

    if (validation->name.data == NULL || validation->field.data == NULL
        || validation->message.data == NULL)
    {
        return CRM_ENOMEM;
    }

    field = crm_shape_field(cc, validation->field, "field");
    criteria = json_object_get(json, "criteria");

    if (json_is_null(criteria)) {
        return crm_shape_error(cc, "criteria", "wrong_value", NULL,
                               "a validation_rule without criteria would"
                               " refuse every record");
    }

    rc = crm_criteria_compile(&validation->criteria, criteria, "criteria",
                              cc);

    return rc == CRM_OK ? field : rc;
}
