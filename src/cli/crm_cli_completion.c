/*
 * The command completion: scripts that make shells complete crmctl, made of
 * the tables of commands and options.
 */

#include "crm_cli_commands.h"
#include "crm_cli_print.h"
#include "rules/crm_kind.h"

#include <stdio.h>


static void bash_print(void);
static void bash_values(void);
static void bash_skip(void);
static void bash_commands(void);

static void zsh_print(void);
static void fish_print(void);
static void fish_command(const crm_cli_command_t *command);
static void fish_text(const char *text);

static void words_commands(void);
static void words_of_command(const crm_cli_command_t *command);
static void words_options(const crm_cli_command_t *command);
static int option_fits(const crm_cli_option_t *option,
    const crm_cli_command_t *command);


static const struct {
    const char   *name;
    void        (*print)(void);
} shells[] = {
    { "bash", bash_print },
    { "zsh", zsh_print },
    { "fish", fish_print },
};

#define SHELLS  (sizeof(shells) / sizeof(shells[0]))


crm_cli_exit_t
crm_cli_completion(crm_cli_t *cli)
{
    size_t       i;
    const char  *names[SHELLS + 1], *near;

    for (i = 0; i < SHELLS; i++) {
        if (strcmp(shells[i].name, cli->opts.args[1]) == 0) {
            shells[i].print();
            return CRM_CLI_OK;
        }

        names[i] = shells[i].name;
    }

    names[SHELLS] = NULL;
    near = crm_cli_nearest(cli->opts.args[1], names);

    crm_cli_complain("completion knows bash, zsh and fish, not \"%s\"%s%s%s",
                     cli->opts.args[1], near ? ": did you mean " : "",
                     near ? near : "", near ? "?" : "");

    return CRM_CLI_USAGE;
}


/* An empty reply falls back to files: complete -o default. */
static void
bash_print(void)
{
    printf("# crmctl for bash: source <(crmctl completion bash)\n\n"
           "_crmctl() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]}\n"
           "    local previous=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    local command= arguments= options= i\n\n"
           "    COMPREPLY=()\n\n"
           "    # --output=json is three words\n"
           "    if [[ $current == '=' ]]; then\n"
           "        current=\n"
           "    elif [[ $previous == '=' ]]; then\n"
           "        previous=${COMP_WORDS[COMP_CWORD-2]}\n"
           "    fi\n\n"
           "    case $previous in\n");
    bash_values();

    printf("    esac\n\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        case ${COMP_WORDS[i]} in\n"
           "        ");
    bash_skip();

    printf(")\n"
           "            ((i++))\n"
           "            [[ ${COMP_WORDS[i]} == '=' ]] && ((i++)) ;;\n"
           "        -*) ;;\n"
           "        *)  command=${COMP_WORDS[i]}; break ;;\n"
           "        esac\n"
           "    done\n\n"
           "    case $command in\n");
    bash_commands();

    printf("    esac\n\n"
           "    if [[ $current == -* ]]; then\n"
           "        COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
           "    elif [[ -n $arguments && ( -z $command || $previous == "
           "$command ) ]]; then\n"
           "        COMPREPLY=($(compgen -W \"$arguments\" -- \"$current\"))\n"
           "    fi\n"
           "}\n\n"
           "complete -o default -F _crmctl crmctl\n");
}


/* Behind an option that takes a value: its words, else files. */
static void
bash_values(void)
{
    const crm_cli_option_t  *option;

    for (option = crm_cli_options; option->name; option++) {
        if (option->words) {
            printf("    %s%s%s) COMPREPLY=($(compgen -W \"%s\" -- "
                   "\"$current\")); return ;;\n", option->name,
                   option->letter ? "|" : "",
                   option->letter ? option->letter : "", option->words);
        }
    }

    printf("    ");
    bash_skip();
    printf(") return ;;\n");
}


/* The options that take a value, as a pattern. */
static void
bash_skip(void)
{
    const char              *bar;
    const crm_cli_option_t  *option;

    bar = "";

    for (option = crm_cli_options; option->name; option++) {
        if (option->is_switch) {
            continue;
        }

        printf("%s%s%s%s", bar, option->name, option->letter ? "|" : "",
               option->letter ? option->letter : "");
        bar = "|";
    }
}


static void
bash_commands(void)
{
    const crm_cli_command_t  *command;

    printf("    '') arguments='");
    words_commands();
    printf("' options='--help --version' ;;\n"
           "    help) arguments='");
    words_commands();
    printf("' ;;\n");

    for (command = crm_cli_commands; command->name; command++) {
        printf("    %s) arguments='", command->name);
        words_of_command(command);
        printf("' options='");
        words_options(command);
        printf("' ;;\n");
    }
}


/* zsh runs bash's script with its own compgen and complete. */
static void
zsh_print(void)
{
    printf("# crmctl for zsh: source <(crmctl completion zsh)\n\n"
           "autoload -Uz compinit bashcompinit\n"
           "(( $+functions[compdef] )) || compinit\n"
           "bashcompinit\n\n");
    bash_print();
}


static void
fish_print(void)
{
    const crm_cli_option_t   *option;
    const crm_cli_command_t  *command;

    printf("# crmctl for fish: crmctl completion fish | source\n\n");

    for (command = crm_cli_commands; command->name; command++) {
        printf("complete -c crmctl -f -n __fish_use_subcommand -a %s -d '",
               command->name);
        fish_text(command->summary);
        printf("'\n");
    }

    printf("complete -c crmctl -f -n __fish_use_subcommand -a 'help version'\n"
           "complete -c crmctl -f -n '__fish_seen_subcommand_from help' -a '");
    words_commands();
    printf("'\n");

    for (option = crm_cli_options; option->name; option++) {
        if (option->groups == 0) {
            printf("complete -c crmctl -l %s", option->name + 2);

            if (option->letter) {
                printf(" -s %s", option->letter + 1);
            }

            if (option->words) {
                printf(" -x -a '%s'", option->words);
            }

            putchar('\n');
        }
    }

    for (command = crm_cli_commands; command->name; command++) {
        fish_command(command);
    }
}


static void
fish_command(const crm_cli_command_t *command)
{
    const crm_cli_option_t  *option;

    if (command->words || command->run == crm_cli_schema) {
        printf("complete -c crmctl -f -n '__fish_seen_subcommand_from %s' -a '",
               command->name);
        words_of_command(command);
        printf("'\n");
    }

    for (option = crm_cli_options; option->name; option++) {
        if (option->groups == 0 || !option_fits(option, command)) {
            continue;
        }

        printf("complete -c crmctl -n '__fish_seen_subcommand_from %s' -l %s",
               command->name, option->name + 2);

        if (option->letter) {
            printf(" -s %s", option->letter + 1);
        }

        if (option->words) {
            printf(" -x -a '%s'", option->words);

        } else if (!option->is_switch) {
            printf(" -r");
        }

        putchar('\n');
    }
}


/* Text between single quotes. */
static void
fish_text(const char *text)
{
    for ( /* void */ ; *text; text++) {
        if (*text == '\'' || *text == '\\') {
            putchar('\\');
        }

        putchar(*text);
    }
}


static void
words_commands(void)
{
    const crm_cli_command_t  *command;

    for (command = crm_cli_commands; command->name; command++) {
        printf("%s ", command->name);
    }

    printf("help version");
}


/* What its first argument may be; nothing where it is a file. */
static void
words_of_command(const crm_cli_command_t *command)
{
    size_t             i, count;
    const crm_kind_t  *kinds;

    if (command->words) {
        fputs(command->words, stdout);

    } else if (command->run == crm_cli_schema) {
        kinds = crm_kind_rows(&count);

        for (i = 0; i < count; i++) {
            printf("%s%s", i ? " " : "", kinds[i].name);
        }
    }
}


static void
words_options(const crm_cli_command_t *command)
{
    const char              *blank;
    const crm_cli_option_t  *option;

    blank = "";

    for (option = crm_cli_options; option->name; option++) {
        if (option_fits(option, command)) {
            printf("%s%s", blank, option->name);
            blank = " ";
        }
    }
}


static int
option_fits(const crm_cli_option_t *option, const crm_cli_command_t *command)
{
    return option->groups == 0 || (option->groups & command->options);
}
