//! French.

use super::{Letter, PageTexts, ScriptTexts, Texts};

pub(super) const TEXTS: Texts = Texts {
    language: "fr",
    name: "Français",
    within: |seconds| match seconds {
        60 => "dans la minute".to_owned(),
        seconds if seconds % 60 == 0 => format!("dans les {} minutes", seconds / 60),
        seconds => format!("dans les {seconds} secondes"),
    },
    activation: Letter {
        subject: "{code} est votre code d’activation",
        preview: "{code} – à saisir {within}.",
        heading: "Votre code d’activation",
        lead: "Saisissez-le {within}, sur la page où vous vous êtes inscrit.",
        action: "Ou ouvrez la page d’activation ici",
        reason: "Quelqu’un, sans doute vous, crée un compte avec {address}.",
        doubt: "Ce n’était pas vous\u{a0}? Sans le code, personne n’obtient de compte.",
    },
    account_exists: Letter {
        subject: "Vous avez déjà un compte",
        preview: "Quelqu’un s’est de nouveau inscrit avec votre adresse. Rien n’a changé.",
        heading: "Vous avez déjà un compte",
        lead: "Quelqu’un s’est inscrit avec {address}, qui a déjà un compte. \
               Rien n’a changé\u{a0}: connectez-vous comme toujours, ou demandez un nouveau mot de passe.",
        action: "Demander un nouveau mot de passe",
        reason: "Vous recevez ce message parce que le compte appartient à cette adresse.",
        doubt: "Ce n’était pas vous\u{a0}?",
    },
    new_password: Letter {
        subject: "Votre lien vers un nouveau mot de passe",
        preview: "Il fonctionne une seule fois, pendant 15\u{a0}minutes.",
        heading: "Votre lien vers un nouveau mot de passe",
        lead: "Suivez-le pour choisir un nouveau mot de passe. Il fonctionne une seule fois, \
               pendant 15\u{a0}minutes.",
        action: "Choisir un nouveau mot de passe",
        reason: "Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour {address}.",
        doubt: "Ce n’était pas vous\u{a0}? Ignorez ce message\u{a0}: rien n’a changé, et votre mot \
                de passe reste le même.",
    },
    no_account: Letter {
        subject: "Aucun compte actif avec cette adresse",
        preview: "Quelqu’un a demandé un nouveau mot de passe, mais il n’y en a aucun à changer.",
        heading: "Aucun compte actif avec cette adresse",
        lead: "Il n’y a donc pas de mot de passe à changer. Votre compte a peut-être une autre \
               adresse, n’a jamais été activé avec son code, ou est bloqué. Essayez une autre \
               adresse, ou inscrivez-vous.",
        action: "S’inscrire",
        reason: "Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour {address}.",
        doubt: "Ce n’était pas vous\u{a0}? Ignorez ce message\u{a0}: rien n’a changé.",
    },
    password_changed: Letter {
        subject: "Votre mot de passe a été changé",
        preview: "Si c’était vous, vous n’avez rien à faire. Sinon, agissez tout de suite.",
        heading: "Votre mot de passe a été changé",
        lead: "Le compte {address} a un nouveau mot de passe, et toutes les sessions sont \
               terminées. Si c’était vous, vous n’avez rien à faire. Sinon, demandez tout de suite \
               un nouveau mot de passe.",
        action: "Demander un nouveau mot de passe",
        reason: "Vous recevez ce message parce que le compte appartient à cette adresse.",
        doubt: "Ce n’était pas vous\u{a0}? Quelqu’un connaissait votre mot de passe ou lit vos \
                messages. Changez aussi le mot de passe de votre messagerie.",
    },
    account_deleted: Letter {
        subject: "Votre compte a été supprimé",
        preview: "Tout ce qui était enregistré avec votre adresse a disparu. Vous n’avez rien à \
                  faire.",
        heading: "Votre compte a été supprimé",
        lead: "Le compte {address} n’existe plus, ni rien de ce qui était enregistré avec \
               l’adresse. Vous n’avez rien à faire.",
        action: "Vous pouvez vous réinscrire à tout moment",
        reason: "Vous recevez ce message parce que le compte appartenait à cette adresse.",
        doubt: "Ce n’était pas vous\u{a0}? Si ce n’était pas le site non plus, quelqu’un était \
                connecté à votre place. Changez le mot de passe de votre messagerie, et n’utilisez \
                plus jamais l’ancien de ce compte.",
    },
    not_me_action: "Signaler que ce n’était pas vous",
    pages: PageTexts {
        no_script: "Cette page a besoin de JavaScript, désactivé dans votre navigateur. \
                    Activez-le pour ce site et rechargez la page.",
        register_title: "Créez votre compte",
        register_lead: "Nous vous envoyons un code court, valable peu de temps\u{a0}: gardez votre boîte \
                        de réception ouverte.",
        email: "Adresse e-mail",
        password: "Mot de passe",
        password_hint: "Au moins {min} caractères. Quelques mots à la suite conviennent bien.",
        password_own: "Votre mot de passe",
        show: "Afficher",
        register_action: "Recevoir le code",
        active_hint: "Sans votre mot de passe, le code ne sert à personne.",
        activate_title: "Saisissez votre code",
        activate_lead: "Nous vous l’avons envoyé par e-mail.",
        activate_from_mail: "Indiquez l’adresse et le mot de passe choisis à l’inscription, puis le \
                             code reçu par e-mail.",
        code: "Code",
        activate_action: "Activer le compte",
        other_address: "Utiliser une autre adresse",
        done_title: "Votre compte est actif",
        done_lead: "Vous pouvez désormais vous connecter avec votre adresse et votre mot de passe.",
        not_me_title: "Ce n’était pas vous\u{a0}?",
        not_me_lead: "Quelqu’un a saisi votre adresse e-mail pour créer un compte. \
                      Si ce n’était pas vous, arrêtez-le ici.",
        not_me_what: "Ce qui se passe quand vous appuyez sur le bouton",
        not_me_stops: "L’inscription prend fin aussitôt. Ses codes ne fonctionnent plus.",
        not_me_waits: "Pendant 24 heures, personne ne peut s’inscrire avec votre adresse, pas même vous.",
        not_me_disables: "Un compte qu’elle a activé au cours des dernières 24 heures est bloqué.",
        not_me_action: "Ce n’était pas moi\u{a0}: arrêter",
        not_me_done_title: "C’est arrêté",
        not_me_done_lead: "Vous n’avez rien d’autre à faire. Pendant 24 heures, personne ne peut \
                           s’inscrire avec votre adresse.",
        forgot_title: "Mot\u{a0}de\u{a0}passe oublié\u{a0}?",
        forgot_lead: "Nous vous envoyons un lien pour en choisir un nouveau.",
        forgot_action: "Recevoir le lien",
        sent_title: "Consultez votre boîte de réception",
        sent_lead: "Nous avons écrit à cette adresse. Si elle a un compte, le message contient un lien \
                    vers un nouveau mot de passe, valable une seule fois, pendant 15\u{a0}minutes. \
                    Sinon, le message le dit.",
        sent_hint: "Rien au bout d’une minute\u{a0}? Regardez dans les indésirables.",
        reset_title: "Choisissez un nouveau mot\u{a0}de\u{a0}passe",
        reset_lead: "Il remplace l’ancien et met fin à toutes les sessions, sur tous les appareils.",
        reset_password: "Nouveau mot de passe",
        reset_action: "Enregistrer le mot de passe",
        reset_done_title: "Votre mot de passe est changé",
        reset_done_lead: "Connectez-vous avec le nouveau. Toutes les sessions précédentes sont terminées.",
        docs_title: "Documentation de l’API",
    },
    script: ScriptTexts {
        hide: "Masquer",
        show: "Afficher",
        working: "Un instant …",
        slow: "C’est plus long que d’habitude. Laissez la page ouverte.",
        sent_to: "Nous l’avons envoyé à {address}.",
        time_left: "Temps restant",
        seconds_left: "Encore {seconds} secondes",
        time_over: "Le temps est écoulé\u{a0}: le code ne fonctionne plus. Demandez-en un nouveau.",
        resend_action: "Envoyer un nouveau code",
        resend_in: "Nouveau code\u{a0}: {seconds}\u{a0}s",
        resent: "Un nouveau code est en route. Utilisez le message le plus récent.",
        no_answer: "Le serveur n’a pas répondu. Vérifiez votre connexion et réessayez\u{a0}: rien n’est perdu.",
        no_link: "Ce lien est incomplet. Ouvrez-le encore une fois depuis le message.",
        email_missing: "Saisissez votre adresse e-mail.",
        password_missing: "Saisissez votre mot de passe.",
        code_missing: "Saisissez les {length} chiffres reçus par e-mail.",
        attempts_none: "Ce code n’est pas le bon et il ne reste aucun essai. Demandez un nouveau code.",
        attempts_one: "Ce code n’est pas le bon. Il vous reste un essai.",
        attempts_many: "Ce code n’est pas le bon. Il vous reste {count} essais.",
        in_seconds: "dans {count}\u{a0}s",
        in_minutes: "dans {count}\u{a0}min",
        in_hours: "dans {count}\u{a0}h",
        error_malformed_json: "Un problème est survenu sur cette page. Rechargez-la.",
        error_invalid_credentials: "L’adresse et le mot de passe ne correspondent pas à cette inscription. \
                                    Vérifiez-les, ou recommencez l’inscription.",
        error_code_incorrect: "Ce code n’est pas le bon. Comparez-le avec le message le plus récent.",
        error_not_activated: "Ce compte n’est pas encore actif. Saisissez d’abord le code reçu.",
        error_forbidden: "Cette page n’en a pas le droit. Ouvrez-la sur le site lui-même.",
        error_not_found: "Cette page n’est plus à jour. Rechargez-la.",
        error_method_not_allowed: "Cette page n’est plus à jour. Rechargez-la.",
        error_already_active: "Ce compte est déjà actif. Vous pouvez vous connecter.",
        error_in_progress: "Votre inscription est en cours de traitement. Réessayez dans un instant.",
        error_code_expired: "Le temps est écoulé\u{a0}: le code ne fonctionne plus. Demandez-en un nouveau.",
        error_code_exhausted: "Il y a eu trop de codes erronés. Demandez-en un nouveau.",
        error_token_invalid: "Ce lien a déjà servi ou est trop ancien. Demandez-en un nouveau.",
        error_payload_too_large: "C’est trop long. Raccourcissez et réessayez.",
        error_unsupported_media_type: "Un problème est survenu sur cette page. Rechargez-la.",
        error_invalid_input: "Il y a quelque chose à corriger.",
        error_idempotency_key_reused: "Un problème est survenu sur cette page. Réessayez.",
        error_too_many_requests: "C’était trop souvent. Réessayez {when}.",
        error_mail_unavailable: "Le message n’a pas pu partir. Réessayez\u{a0}: rien n’est perdu.",
        error_database_unavailable: "Le service est indisponible. Réessayez\u{a0}: rien n’est perdu.",
        error_internal_error: "Une erreur est survenue chez nous. Réessayez\u{a0}; si cela persiste, \
                               communiquez-nous ce numéro\u{a0}: {request}",
        field_too_short: "Utilisez au moins {min} caractères.",
        field_too_long: "C’est trop long. Raccourcissez.",
        field_control_character: "Retirez les tabulations et les sauts de ligne.",
        field_too_common: "Ce mot de passe est l’un des plus courants, donc deviné en premier. \
                           Choisissez-en un autre.",
        field_contains_address: "Le mot de passe ne doit pas être votre adresse e-mail, ni une partie d’elle.",
        field_not_an_address: "Saisissez une adresse e-mail, par exemple ada@example.com.",
        field_local_part_too_long: "Utilisez une adresse d’au plus 64 caractères avant le @.",
        field_local_part_not_ascii: "Avant le @, utilisez seulement des lettres sans accent, des \
                                     chiffres et des signes comme . _ - +",
        field_quoted_local_part: "Utilisez une adresse sans guillemets avant le @.",
        field_local_part_dots: "Vérifiez les points avant le @ : ni au début, ni à la fin, ni deux de suite.",
        field_local_part_invalid: "Vérifiez ce qui précède le @ : un signe n’y est pas permis.",
        field_address_literal: "Après le @, utilisez un domaine comme example.com, pas un numéro.",
        field_domain_incomplete: "Complétez le domaine après le @, par exemple example.com.",
        field_domain_invalid: "Vérifiez le domaine après le @, par exemple example.com.",
        field_code: "Saisissez les {length} chiffres reçus par e-mail.",
    },
};
